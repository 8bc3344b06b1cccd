"""What falls due and who there is, page by page; counted in the background, shown at once."""

import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest
from web_served import event, served

from replay.library import Ledger
from replay.library.overview import Overview
from replay.web.settings import Settings

PEOPLE = {"Accept": "text/html"}
MANY = [f"c-{n:03d}" for n in range(120)]
ODD = ["c-0", "c%", "c_", "创作者", "创作者二"]


def violation(number: int, creator: str, at: datetime) -> dict[str, object]:
    found = event(
        number, creator, violation=f"v{number}", category="misleading", detected_by="other"
    )
    return found | {"type": "violation_found", "time": at.isoformat()}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Everybody of MANY is stopped for a day and may appeal for a week, half of them longer."""
    url = f"sqlite:///{tmp_path_factory.mktemp('due')}/ledger.db"
    now = datetime.now(UTC)
    with Ledger.open(url, create=True) as ledger:
        ledger.append(
            event(1000 + n, creator)
            | {"type": "creator_enrolled", "time": (now - timedelta(days=9)).isoformat()}
            for n, creator in enumerate([*MANY, *ODD])
        )
        ledger.append(
            violation(n, creator, now - timedelta(hours=20 - 18 * (n // 60)))
            for n, creator in enumerate(MANY)
        )
    return url


@pytest.fixture(scope="module")
def client(place: str) -> Iterator[httpx.Client]:
    with served(Settings(place)) as client:
        client.headers.update(PEOPLE)
        yield client


def counted(client: httpx.Client, path: str = "/overview") -> str:
    while "data-job" in (text := client.get(path, follow_redirects=True).text):
        time.sleep(0.05)
    return text


def names(text: str) -> list[str]:
    found = re.findall(r'href="/creators/[^"]+">([^<]+)</a>', text[text.index("<main") :])
    return [unescape(each) for each in found]


@pytest.mark.parametrize("what", ["stops", "appeal", "exam"])
def test_what_falls_due_is_walked_to_its_end_the_next_first(
    what: str, client: httpx.Client
) -> None:
    overview = counted(client)
    assert f'href="/due/{what}">All 120' in overview
    found: list[str] = []
    ends: list[str] = []
    for page in (1, 2, 3):
        text = client.get(f"/due/{what}?page={page}").text
        assert f">{page} / 3" in text
        found += names(text)
        ends += re.findall(r'<span class="nb">(20\d\d-[^<]+)</span></td>', text)
    assert sorted(found) == MANY
    assert ends == sorted(ends)
    assert len(ends) == 120
    assert names(client.get(f"/due/{what}?page=4").text) == []


def test_how_many_days_are_left_is_said_in_both_languages(client: httpx.Client) -> None:
    counted(client)
    for language, said in (("en", r">(\d+) days</td>"), ("zh", r">(\d+)天</td>")):
        text = client.get(f"/due/appeal?lang={language}").text
        left = {int(each) for each in re.findall(said, text)}
        assert left
        assert left <= {6, 7}  # the day of the violation, and seven more
    client.cookies.clear()


BEGINNINGS = {
    "": ["c%", "c-0", *MANY],
    "c-0": ["c-0", *MANY[:100]],
    "c-11": MANY[110:],
    "c-119": ["c-119"],
    "c%": ["c%"],
    "c_": ["c_"],
    "创": ["创作者", "创作者二"],
    "创作者": ["创作者", "创作者二"],
    "d": [],
}


@pytest.mark.parametrize("begins", BEGINNINGS)
def test_creators_are_found_by_how_their_ids_begin(begins: str, client: httpx.Client) -> None:
    wanted = BEGINNINGS[begins]
    if not begins:
        wanted = sorted([*MANY, *ODD])
    found: list[str] = []
    path: str | None = str(httpx.URL("/creators", params={"begins": begins}))
    while path is not None:
        text = client.get(path).text
        page = names(text)
        assert len(page) <= 50
        found += page
        more = re.search(r'href="(/creators\?begins=[^"]+)">later', text)
        path = None if more is None else unescape(more[1])
    assert found == wanted
    assert ("No id begins so" in text) == (not wanted)


def test_an_older_count_is_shown_while_a_newer_one_is_on_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    go, counting, whole = threading.Event(), [0], Ledger.overview
    go.set()

    def slow(self: Ledger, advance: object) -> Overview:
        counting[0] += 1
        assert go.wait(20)
        return whole(self)

    monkeypatch.setattr(Ledger, "overview", slow)
    with Ledger.open(url, create=True) as ledger, served(Settings(url)) as client:
        client.headers.update(PEOPLE)
        ledger.append([event(1) | {"type": "creator_enrolled"}])
        assert "1 creators" in counted(client)
        go.clear()
        for n in range(2, 6):
            ledger.append([event(n, f"c{n}") | {"type": "creator_enrolled"}])
            begun = time.monotonic()
            text = client.get("/overview").text
            assert time.monotonic() - begun < 3
            assert "1 creators" in text
            assert "Newer facts are being counted" in text
        assert counting[0] == 2  # facts that come meanwhile begin no other one
        go.set()
        deadline = time.monotonic() + 10
        while "5 creators" not in client.get("/overview").text:
            assert time.monotonic() < deadline
            time.sleep(0.05)
