"""Pages about everybody in a browser: the overview, the rules, and other rules for all."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page
from population.conftest import invented
from web_served import MEI, filled, served, token

from replay.library import Ledger
from replay.web.access.grants import Role
from replay.web.jobs import Jobs
from replay.web.settings import Settings

from .browsing import BROWSER, PHONE, Watched
from .test_events import fact

pytestmark = BROWSER
XSS = '<img src=x onerror="alert(1)">'
ASKED = "/population?set=nodes.8.below=7&sweep=nodes.8.below=7:9:1"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("everybody")
    crowd = folder / "crowd.jsonl"
    crowd.write_bytes(invented(40, seed=4))
    url = filled(folder, crowd, MEI)
    with Ledger.open(url) as ledger:
        ledger.append([fact(99, XSS) | {"type": "creator_enrolled"}])
    return url


@pytest.fixture(scope="module")
def client(place: str) -> Iterator[httpx.Client]:
    with served(Settings(place)) as client:
        yield client


def settled(window: Page, url: str) -> None:
    """A page, when whatever it waits for is there."""
    window.goto(url)
    window.locator("main:not([data-job])").wait_for(timeout=60_000)


PAGES = {
    "overview": "/overview",
    "due": "/due/stops",
    "creators": "/creators?begins=c-1",
    "facts": "/facts?type=violation_found&creator=mei",
    "rulebooks": "/rulebooks",
    "rulebook": "/rulebooks/douyin-creator@2024-09",
    "versions": "/rulebooks/douyin-creator/versions",
    "population": ASKED,
}
KINDS = {
    "desk": {},
    "phone": {"viewport": PHONE, "locale": "zh-CN", "color_scheme": "dark"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_by_everybody_at_any_width(
    client: httpx.Client, browser: Browser, name: str, kind: str
) -> None:
    with Watched(browser, **KINDS[kind]) as watched:
        settled(watched.window, f"{client.base_url}{PAGES[name]}")
        watched.accessible()


def test_the_overview_says_who_is_stopped_as_of_when(client: httpx.Client, page: Watched) -> None:
    settled(page.window, f"{client.base_url}/")
    said = page.window.locator("main").inner_text()
    found = re.match(r"(\d+) of (\d+) are stopped now", said)
    shown = page.window.locator("h2:has-text('Stops') + table td:first-child").all()
    assert len(shown) == 10
    assert found is not None
    assert int(found[2]) == 42
    assert "with all facts up to position" in said
    page.window.locator("a[href='/due/stops']").click()
    with_stops = {row.inner_text() for row in page.window.locator("td:first-child").all()}
    assert int(found[1]) == len(with_stops) > 10
    page.window.get_by_role("link", name="Rules").click()
    assert page.window.url.endswith("/rulebooks")


def test_facts_are_found_and_what_people_wrote_is_text(client: httpx.Client, page: Watched) -> None:
    settled(page.window, f"{client.base_url}/overview")
    page.window.get_by_label("Creator", exact=True).fill(XSS)
    page.window.get_by_role("button", name="Find facts").click()
    assert XSS in page.window.locator("table").inner_text()
    assert page.window.locator("main img").count() == 0
    page.window.goto(f"{client.base_url}/population?where={XSS}&set={XSS}")
    assert f"found '{XSS}'" in page.window.locator("[role=alert]").inner_text()
    assert page.window.locator("main img").count() == 0
    page.expected("422")


def test_the_rules_mark_what_is_assumed(client: httpx.Client, page: Watched) -> None:
    page.window.goto(f"{client.base_url}/rulebooks")
    page.window.get_by_role("link", name="2024-07").first.click()
    assert page.window.locator("li.assumed .cited").first.inner_text().strip().startswith("[")
    page.window.get_by_role("link", name="中文").click()
    assert "假定" in page.window.locator("main").inner_text()


def test_other_rules_for_everybody_by_keyboard(client: httpx.Client, page: Watched) -> None:
    page.window.goto(f"{client.base_url}/population")
    page.window.get_by_label("Another figure").fill("nodes.8.below=7")
    page.window.get_by_label("A figure at several values").fill("nodes.8.below=7:9:1")
    page.window.keyboard.press("Enter")
    page.window.locator("h1:has-text('stopped')").wait_for(timeout=60_000)
    assert "set=nodes.8.below%3D7" in page.window.url  # the URL is the question
    assert "they are no forecast" in page.window.locator(".held").inner_text()
    slider = page.window.get_by_role("slider")
    assert slider.get_attribute("aria-valuetext") == "7"
    slider.press("ArrowRight")
    page.window.wait_for_url("**set=nodes.8.below%3D8**")
    page.window.locator("main:not([data-job]) .sweep").wait_for(timeout=60_000)
    assert page.window.get_by_role("slider").get_attribute("aria-valuetext") == "8"
    slider = page.window.get_by_role("slider")
    slider.press("ArrowRight")
    page.window.locator(".movers").wait_for(timeout=60_000)
    page.window.locator(".movers a").first.click()
    assert "scenario=" in page.window.url  # the same change, for one of those who moved
    assert page.window.locator("main .sides").count() == 1


def test_without_a_script_the_form_answers_too(client: httpx.Client, browser: Browser) -> None:
    with Watched(browser, java_script_enabled=False) as watched:
        watched.window.goto(f"{client.base_url}/population")
        watched.window.get_by_label("Another figure").fill("nodes.8.below=9")
        watched.window.get_by_role("button", name="Ask").click()
        watched.window.locator("h1:has-text('stopped')").wait_for(timeout=60_000)


def test_what_can_not_be_asked_is_said_beside_the_form(client: httpx.Client, page: Watched) -> None:
    settled(page.window, f"{client.base_url}/population?set=nodes.8.belo=7")
    assert "nodes.8.below" in page.window.get_by_role("alert").inner_text()
    assert page.window.get_by_label("Another figure").input_value() == "nodes.8.belo=7"
    page.expected("422")


def test_who_moved_is_told_to_those_alone_who_may_read_records(
    client: httpx.Client, place: str, tmp_path: Path
) -> None:
    access = tmp_path / "tokens.db"
    said = {}
    for role in (Role.RULE_AUTHOR, Role.AUDITOR):
        header = token(access, role) | {"Accept": "text/html"}
        with served(Settings(place, access=access)) as guarded:
            url = "/population?set=nodes.8.below=9"
            while "data-job" in (text := guarded.get(url, headers=header).text):
                time.sleep(0.2)
        said[role] = text
    assert "no forecast" in said[Role.RULE_AUTHOR]
    assert 'class="movers"' not in said[Role.RULE_AUTHOR]
    assert not re.search(r"c-\d+<", said[Role.RULE_AUTHOR])
    assert re.search(r"c-\d+<", said[Role.AUDITOR])


def test_a_question_is_asked_once_until_a_fact_is_recorded(tmp_path: Path) -> None:
    jobs, worked = Jobs(), []
    first = jobs.ask(("x", 1), worked.append)
    assert first.wait(5)
    assert jobs.ask(("x", 1), worked.append) is first
    assert jobs.ask(("x", 2), worked.append).wait(5)
    assert len(worked) == 2
    failed = jobs.ask("wrong", lambda job: 1 // 0)
    failed.wait(5)
    with pytest.raises(ZeroDivisionError):
        failed.answer()
    again = jobs.ask("wrong", lambda job: "right")
    assert again.wait(5)
    assert again.answer() == "right"
    jobs.close()


@pytest.mark.parametrize(("name", "url"), [("rulebook", PAGES["rulebook"])])
def test_a_page_looks_as_it_did(client: httpx.Client, page: Watched, name: str, url: str) -> None:
    settled(page.window, f"{client.base_url}{url}")
    page.looks_like(name)
