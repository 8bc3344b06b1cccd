"""What a browser does by itself: other sites' pages, streams that come back, and our own watch."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser
from web_served import MEI, filled, served

from replay.library import Ledger
from replay.web.settings import Settings

from . import browsing
from .browsing import BROWSER, Watched, differs
from .test_events import fact

pytestmark = BROWSER
STANDING = "/api/v1/creators/mei/standing"


@pytest.fixture
def place(tmp_path: Path) -> str:
    return filled(tmp_path, MEI)


@pytest.fixture
def client(place: str) -> Iterator[httpx.Client]:
    with served(Settings(place)) as client:
        yield client


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Another site, whose page is a form to be sent to us."""

    class Form(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>win</title><form method=post><button>win</button></form>")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Form)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_another_sites_form_changes_nothing(
    client: httpx.Client, page: Watched, elsewhere: str
) -> None:
    page.window.goto(elsewhere)
    target = f"{client.base_url}{STANDING}"
    page.window.eval_on_selector("form", "(form, url) => form.action = url", target)
    page.window.click("button")
    page.window.wait_for_url("**/standing")
    assert "another site's page may not change anything here" in page.window.content()
    page.expected("403")


def test_no_other_site_can_read_us_or_put_us_in_a_frame(
    client: httpx.Client, page: Watched, elsewhere: str
) -> None:
    url = f"{client.base_url}{STANDING}"
    page.window.goto(elsewhere)
    assert page.window.evaluate("u => fetch(u).then(() => 'read', () => 'refused')", url) == (
        "refused"
    )
    page.window.evaluate(
        "u => new Promise(done => { const f = document.createElement('iframe');"
        " f.onload = done; f.src = u; document.body.append(f) })",
        url,
    )
    assert "mei" not in page.window.frames[1].content()
    page.expected("CORS policy", "ERR_FAILED", "frame-ancestors", "ERR_BLOCKED_BY_RESPONSE")


def test_a_stream_shows_a_fact_recorded_elsewhere_within_a_second(
    client: httpx.Client, place: str, page: Watched
) -> None:
    page.window.goto(f"{client.base_url}{STANDING}")
    page.window.evaluate(
        "() => new Promise(ready => { const s = new EventSource('/api/v1/events');"
        " window.seen = new Promise(seen => s.addEventListener('fact', e =>"
        " seen([e.lastEventId, JSON.parse(e.data).id]))); s.onopen = () => ready() })"
    )
    with Ledger.open(place) as ledger:
        (receipt,) = ledger.append([fact(1)])
    begun = time.monotonic()
    assert page.window.evaluate("window.seen") == [str(receipt["position"]), "n1"]
    assert time.monotonic() - begun < 1.0


def test_what_goes_wrong_on_a_page_fails_its_test(browser: Browser, client: httpx.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for script, said in (
        ("setTimeout(() => { throw new Error('broken') })", "broken"),
        ("fetch('/absent')", "404"),
        (f"fetch('http://127.0.0.1:{port}/').catch(() => 0)", "Content Security Policy"),
        ("console.error('mind')", "mind"),
    ):
        watched = Watched(browser)
        with pytest.raises(AssertionError, match=said), watched:  # noqa: PT012
            watched.window.goto(f"{client.base_url}{STANDING}")
            watched.window.evaluate(f"() => {{ {script} }}")
            watched.window.wait_for_timeout(300)


def test_a_page_that_not_everybody_can_use_is_refused(browser: Browser) -> None:
    with Watched(browser) as watched:
        watched.window.set_content("<html lang=en><title>x</title><main><h1>x</h1><input></main>")
        with pytest.raises(AssertionError, match="label"):
            watched.accessible()
        watched.window.set_content(
            "<html lang=en><title>x</title><main><h1>x</h1><p style='width:2000px'>x</main>"
        )
        with pytest.raises(AssertionError, match="pixels wider"):
            watched.accessible()


def test_pictures_differ_where_a_reader_would_see_it() -> None:
    one = Image.new("RGB", (426, 300), "white")
    other = one.copy()
    ImageDraw.Draw(other).line((0, 10, 426, 10), "black")  # a hair line
    assert not differs(one, other)
    ImageDraw.Draw(other).rectangle((20, 20, 200, 60), "black")
    assert "looks other" in differs(one, other)
    assert "its size" in differs(one, Image.new("RGB", (426, 400), "white"))


def test_without_a_browser_it_is_skipped_but_never_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing.shutil, "which", lambda _: None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Chromium"):
        browsing.chromium()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(AssertionError, match="no Chromium"):
        browsing.chromium()
