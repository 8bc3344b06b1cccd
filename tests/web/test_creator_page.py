"""One creator's page, as a person uses it: by mouse, by keyboard, on a phone, on paper."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect
from playwright.sync_api import Page as Window
from web_served import MEI, filled, served, token

from replay.library import Ledger
from replay.web.access.grants import Role
from replay.web.settings import Settings

from .browsing import BROWSER, DESK, PHONE, Watched

pytestmark = BROWSER
AS_OF = "as_of=2024-08-06T20:00:00%2B08:00"
KNOWN = "known_at=2030-01-01"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return filled(tmp_path_factory.mktemp("creator"), MEI)


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with served(Settings(url)) as client:
        yield client


@pytest.fixture
def window(browser: Browser, client: httpx.Client) -> Iterator[Window]:
    with Watched(browser, base_url=str(client.base_url)) as watched:
        yield watched.window


def mark(window: Window, event: str) -> Locator:
    return window.locator(f'svg.wide a[data-event="{event}"]').first


def scenario(window: Window) -> list[dict[str, Any]]:
    said = parse_qs(urlsplit(window.url).query).get("scenario", ["[]"])[0]
    steps: list[dict[str, Any]] = json.loads(said)
    return steps


def drag(window: Window, event: str, by: float) -> None:
    mark(window, event).scroll_into_view_if_needed()
    box = mark(window, event).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    window.mouse.move(x, y)
    window.mouse.down()
    window.mouse.move(x + by / 2, y + 3)
    window.mouse.move(x + by, y + 3)
    window.mouse.up()


def test_a_mark_is_dragged_and_the_other_history_stands_beside(window: Window) -> None:
    window.goto(f"/creators/mei?{AS_OF}")
    expect(window.locator("h1")).to_have_text("Credit score 8.5 of at most 12.")
    drag(window, "e5", 250)
    expect(window.locator("h1")).to_contain_text("the change")
    (step,) = scenario(window)
    assert step["move"] == "e5"
    assert step["to"].startswith("2024-08-07T0")
    assert step["to"].endswith("+08:00")
    expect(window.locator("svg.wide .other.parts").first).to_be_attached()
    window.go_back()
    expect(window.locator("h1")).to_have_text("Credit score 8.5 of at most 12.")
    window.go_forward()
    expect(window.locator("h1")).to_contain_text("the change")
    again = window.url
    window.goto(again)  # the URL alone says it
    expect(window.locator("h1")).to_contain_text("the change")


def test_a_mark_is_moved_and_struck_out_by_keys(window: Window) -> None:
    window.goto(f"/creators/mei?{AS_OF}")
    mark(window, "e5").focus()
    window.keyboard.press("ArrowRight")
    expect(window.locator("h1")).not_to_have_text("Credit score 8.5 of at most 12.")
    assert scenario(window)[0]["move"] == "e5"
    mark(window, "e3").focus()
    window.keyboard.press("Delete")
    window.wait_for_url("**drop**")
    assert scenario(window)[-1] == {"drop": "e3"}
    window.get_by_role("button", name="Take back the last change").click()
    expect(window).not_to_have_url(re.compile("drop"))
    window.get_by_role("link", name="Back to the record").click()
    expect(window.locator("h1")).to_have_text("Credit score 8.5 of at most 12.")
    assert scenario(window) == []


def test_a_fact_is_opened_and_closed(window: Window) -> None:
    window.goto(f"/creators/mei?lang=zh&{AS_OF}")
    mark(window, "e5").scroll_into_view_if_needed()
    mark(window, "e5").click()
    panel = window.locator(".fact")
    expect(panel).to_contain_text("考试得100分")
    expect(panel).to_contain_text("带货口碑分大于4.6分")  # the clause in its own words
    expect(panel.locator("th").first).to_be_visible()
    expect(panel.locator(".close")).to_be_focused()
    window.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(mark(window, "e5")).to_be_focused()


def test_two_times_are_chosen_by_sliders(browser: Browser, client: httpx.Client) -> None:
    with Watched(browser, base_url=str(client.base_url)) as watched:
        window = watched.window
        window.goto("/creators/mei")
        window.get_by_text("Two times").click()
        slider = window.locator('.slider[data-of="as_of"]')
        expect(slider).to_be_visible()
        slider.focus()
        for _ in range(3):
            window.keyboard.press("PageDown")
        window.wait_for_url("**as_of=**")
        expect(window.locator("main.busy")).to_have_count(0)
        expect(window.locator("header.head")).to_contain_text("as of 202")
        window.locator("#known_at").fill("2000-01-01")
        window.get_by_role("button", name="Show").click()
        expect(window.locator(".notice")).to_contain_text("nothing was known")
        watched.expected("404")


def test_another_figure_is_supposed_by_a_form(window: Window) -> None:
    window.goto(f"/creators/mei?{AS_OF}")
    window.get_by_text("What if", exact=True).click()
    window.locator("#figure").fill("categories.misleading.points=2")
    window.evaluate("window.same = true")
    window.locator("form.set button").click()
    expect(window.locator("h1")).to_contain_text("the change")
    assert window.evaluate("window.same")  # put in place: the page was not loaded anew
    assert scenario(window) == [{"set": {"categories.misleading.points": 2}}]


def test_what_else_is_asked_is_answered_where_it_was_asked(window: Window) -> None:
    window.goto(f"/creators/mei?{AS_OF}")
    window.get_by_text("Would another order have mattered?").click()
    details = window.locator("details", has_text="Would another order have mattered?").last
    details.get_by_role("button", name="Ask").click()
    expect(details.locator("output")).to_contain_text("order")
    window.get_by_text("What would have avoided it?").click()
    details = window.locator("details", has_text="What would have avoided it?").last
    details.locator("input[name=target]").fill("8@2024-08-06")
    details.get_by_role("button", name="Ask").click()
    expect(details.locator("output")).to_contain_text("v3")


def test_a_fact_recorded_elsewhere_appears_within_a_second(
    browser: Browser, tmp_path: Path
) -> None:
    place = filled(tmp_path, MEI)
    with served(Settings(place)) as client, Watched(browser, base_url=str(client.base_url)) as w:
        w.window.goto("/creators/mei")
        w.window.wait_for_timeout(500)  # until it listens
        granted = {
            "specversion": "1.0", "source": "urn:test", "id": "late", "subject": "mei",
            "time": "2024-08-10T09:00:00+08:00", "type": "appeal_granted",
            "data": {"violation": "v3"},
        }  # fmt: skip
        with Ledger.open(place) as ledger:
            ledger.append([granted])
        begun = time.monotonic()
        expect(w.window.locator("#ledger")).to_contain_text("late")
        assert time.monotonic() - begun < 1.5  # a second, and a browser beside other tests


def test_a_creator_signs_in_and_sees_the_own_page(browser: Browser, tmp_path: Path) -> None:
    access = tmp_path / "tokens.db"
    shown = token(access, Role.CREATOR, "mei")["Authorization"].removeprefix("Bearer ")
    settings = Settings(filled(tmp_path, MEI), access=access)
    with served(settings) as client:
        base = f"http://localhost:{client.base_url.port}"
        with Watched(browser, base_url=base) as w:
            w.window.goto("/creators/mei")
            w.window.get_by_role("link", name="Sign in").click()
            w.window.get_by_label("Your token").fill(shown)
            w.window.get_by_role("button", name="Sign in").click()
            expect(w.window.locator("h1")).to_contain_text("Credit score")
            assert w.window.locator(".panels").count() == 0
            w.window.get_by_role("button", name="Sign out").click()
            w.window.wait_for_url("**/login")
            w.expected("401")


LOOKS = {
    "desk": ("lang=en", {"viewport": DESK}),
    "phone-zh": ("lang=zh", {"viewport": PHONE}),
    "dark-zh": ("lang=zh", {"viewport": DESK, "color_scheme": "dark"}),
    "what-if": (
        "lang=zh&scenario=%5B%7B%22drop%22%3A%22e5%22%7D%5D", {"viewport": DESK},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKS)
def test_everybody_can_use_it_and_it_looks_as_it_did(
    name: str, browser: Browser, client: httpx.Client
) -> None:
    query, context = LOOKS[name]
    with Watched(browser, base_url=str(client.base_url), **context) as watched:
        watched.window.goto(f"/creators/mei?{AS_OF}&{query}")
        watched.accessible()
        watched.looks_like(f"creator-{name}")


def test_what_people_wrote_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    hostile = "\"'><img src=x onerror=\"document.title='taken'\"><script>alert(1)</script>"
    facts = [
        {
            "specversion": "1.0", "source": hostile, "id": f"{n}{hostile}", "subject": hostile,
            "time": "2024-08-06T09:00:00+08:00", "type": kind, **({"data": data} if data else {}),
        }
        for n, (kind, data) in enumerate(
            [
                ("creator_enrolled", {}),
                ("violation_found", {"violation": hostile, "category": "misleading",
                                     "detected_by": "other", "circumstances": hostile}),
            ]
        )
    ]  # fmt: skip
    place = filled(tmp_path, MEI)
    with Ledger.open(place) as ledger:
        ledger.append(facts)
    with served(Settings(place)) as client, Watched(browser, base_url=str(client.base_url)) as w:
        w.window.goto("/")
        w.window.get_by_role("searchbox").fill(hostile)
        w.window.get_by_role("button", name="Open").click()
        expect(w.window.locator("header.head")).to_contain_text("<script>alert(1)</script>")
        for details in w.window.locator("details").all():
            details.evaluate("each => each.open = true")
        assert w.window.title() != "taken"
        assert w.window.locator("img").count() == 0


def test_on_paper_everything_is_open_and_nothing_else_is_there(window: Window) -> None:
    window.goto(f"/creators/mei?{AS_OF}")
    window.evaluate("dispatchEvent(new Event('beforeprint'))")
    window.emulate_media(media="print")
    assert window.locator("main details:not([open])").count() == 0
    expect(window.locator("nav.bar")).to_be_hidden()
    expect(window.locator("aside.tools")).to_be_hidden()
    expect(window.locator("svg.print").first).to_be_visible()


def test_without_a_script_forms_do_the_same(browser: Browser, client: httpx.Client) -> None:
    with Watched(browser, base_url=str(client.base_url), java_script_enabled=False) as watched:
        window = watched.window
        window.goto(f"/creators/mei?{AS_OF}")
        window.get_by_text("What if", exact=True).click()
        window.locator("form.drop select").select_option("e5")
        window.locator("form.drop button").click()
        expect(window.locator("h1")).to_contain_text("the change")
        assert scenario(window) == [{"drop": "e5"}]
