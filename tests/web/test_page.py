"""Pages as a browser gets them: what is on them, for whom, in which language."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from web_served import MEI, filled, served, token

from projections.explain.messages import LANGUAGES
from replay.library import Ledger
from replay.web.access.gate import COOKIE
from replay.web.access.grants import Role
from replay.web.access.tokens import Tokens
from replay.web.settings import Settings

AS_OF = "2024-08-06T20:00:00+08:00"
PEOPLE = {"Accept": "text/html,application/xhtml+xml"}
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'& {{7*7}}"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = filled(tmp_path_factory.mktemp("page"), MEI)
    with Ledger.open(url) as ledger:
        ledger.append(
            [
                {
                    "specversion": "1.0", "source": HOSTILE, "id": f"{HOSTILE}{n}",
                    "subject": HOSTILE[:60], "time": "2024-08-06T09:00:00+08:00", "type": kind,
                    **({"data": data} if data else {}),
                }
                for n, (kind, data) in enumerate(
                    [
                        ("creator_enrolled", {}),
                        (
                            "violation_found",
                            {
                                "violation": HOSTILE[:60], "category": "misleading",
                                "detected_by": "other", "item": HOSTILE, "circumstances": HOSTILE,
                            },
                        ),
                    ]
                )
            ]
        )  # fmt: skip
    return url


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with served(Settings(url)) as client:
        client.headers.update(PEOPLE)
        yield client


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_creators_page_has_the_blocks_of_an_audit_in_their_order(
    language: str, client: httpx.Client
) -> None:
    page = client.get("/creators/mei", params={"lang": language, "as_of": AS_OF}).text
    said = {
        "en": [
            "Credit score 8.5 of",
            "What can still be done",
            "Why",
            "Known then",
            "Ledger",
            "Score and stops",
        ],
        "zh": ["信用分8.5分", "您还可以", "为什么", "当时所知", "台账", "分数与停用的经过"],
    }[language]  # fmt: skip
    places = [page.find(f">{block}") for block in said]
    assert -1 not in places
    assert places == sorted(places)
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in page


def test_the_language_that_was_chosen_stays(url: str) -> None:
    with served(Settings(url)) as visitor:
        assert '<html lang="en">' in visitor.get("/", headers=PEOPLE).text
        assert '<html lang="zh-CN">' in visitor.get("/?lang=zh", headers=PEOPLE).text
        assert '<html lang="zh-CN">' in visitor.get("/", headers=PEOPLE).text
        visitor.cookies.clear()
        chinese = PEOPLE | {"Accept-Language": "zh-CN,zh;q=0.9"}
        assert '<html lang="zh-CN">' in visitor.get("/", headers=chinese).text


def test_what_people_wrote_is_text(client: httpx.Client) -> None:
    page = client.get(f"/creators/{quote(HOSTILE[:60], safe='')}").text
    seen = Seen()
    seen.feed(page)
    assert HOSTILE[:60] in seen.text
    assert "img" not in seen.tags
    assert seen.tags.count("script") == 1  # ours
    assert not [name for name in seen.attributes if name.startswith("on")]


class Seen(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_loads_nothing_from_elsewhere_and_nothing_inline(client: httpx.Client) -> None:
    page = client.get("/creators/mei")
    found = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
    assert all(each.startswith(("/", "data:,", "?")) for each in found if each)
    seen = Seen()
    seen.feed(page.text)
    assert not [name for name in seen.attributes if name.startswith("on") or name == "style"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    for file in re.findall(r'"(/static/[^"]+)"', page.text):
        answer = client.get(file)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/static/page-000000000000.js").status_code == 404


def test_a_page_is_light(client: httpx.Client) -> None:
    page = client.get("/creators/mei")
    files = [client.get(f) for f in re.findall(r'"(/static/[^"]+)"', page.text)]
    assert sum(len(each.content) for each in (page, *files)) < 300_000


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A record of a thousand facts."""
    place = f"sqlite:///{tmp_path_factory.mktemp('long')}/ledger.db"
    facts: list[tuple[str, dict[str, str]]] = [("creator_enrolled", {})]
    for n in range(500):
        about = {"violation": f"v{n}"}
        facts += [
            ("violation_found", about | {"category": "spam", "detected_by": "other"}),
            ("appeal_granted" if n % 3 else "appeal_lodged", about),
        ]
    begun = datetime(2024, 8, 1, tzinfo=UTC)
    with Ledger.open(place, create=True) as ledger:
        ledger.append(
            {
                "specversion": "1.0", "source": "urn:test", "id": f"e{n}", "subject": "long",
                "time": (begun + timedelta(hours=5 * n)).isoformat(), "type": kind,
                **({"data": data} if data else {}),
            }
            for n, (kind, data) in enumerate(facts)
        )  # fmt: skip
    with served(Settings(place)) as client:
        client.headers.update(PEOPLE)
        yield client


def test_a_long_record_is_told_page_by_page_and_none_of_it_is_lost(long: httpx.Client) -> None:
    found: set[str] = set()
    path: str | None = "/creators/long"
    while path is not None:
        page = long.get(path).text
        assert len(page) < 300_000
        ledger = page[page.index('id="ledger"') : page.index('id="conditions"')]
        rows = set(re.findall(r"<small>(e\d+) ", ledger))
        assert rows
        assert not rows & found
        found |= rows
        earlier = re.search(r'href="([^"]+)#ledger">earlier', page)
        path = None if earlier is None else earlier[1].replace("&amp;", "&")
    assert found == {f"e{n}" for n in range(1001)}


STEPS = {
    "drop": ({"kind": "drop", "event": "e5"}, {"drop": "e5"}),
    "move": (
        {"kind": "move", "event": "e6", "to": "2024-08-06 13:00"},
        {"move": "e6", "to": "2024-08-06 13:00"},
    ),
    "a figure": ({"kind": "set", "figure": "nodes.8.below=7"}, {"set": {"nodes.8.below": 7}}),
    "another rulebook": (
        {"kind": "rulebook", "rulebook": "douyin-creator@2022-02"},
        {"rulebook": "douyin-creator@2022-02"},
    ),
    "a fact more": (
        {
            "kind": "add",
            "fact": '{"type":"appeal_granted","time":"2024-08-06T19:30:00+08:00",'
            '"data":{"violation":"v3"}}',
        },
        {
            "add": {
                "type": "appeal_granted",
                "time": "2024-08-06T19:30:00+08:00",
                "data": {"violation": "v3"},
            }
        },
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_form_leads_to_the_page_whose_url_has_the_step(name: str, client: httpx.Client) -> None:
    form, step = STEPS[name]
    led = client.get("/creators/mei/suppose", params=form | {"as_of": AS_OF})
    assert led.status_code == 303
    there = httpx.URL(led.headers["Location"])
    assert json.loads(there.params["scenario"]) == [step]
    page = client.get(led.headers["Location"])
    assert page.status_code == 200, page.text[:2000]
    assert 'class="sides"' in page.text


def test_a_fact_that_is_moved_again_is_moved_once_and_the_last_step_comes_off(
    client: httpx.Client,
) -> None:
    first = client.get("/creators/mei/suppose", params=STEPS["move"][0])
    there = httpx.URL(first.headers["Location"]).params["scenario"]
    again = client.get(
        "/creators/mei/suppose",
        params={"kind": "move", "event": "e6", "to": "2024-08-06 14:00", "scenario": there},
    )
    scenario = httpx.URL(again.headers["Location"]).params["scenario"]
    assert json.loads(scenario) == [{"move": "e6", "to": "2024-08-06 14:00"}]
    back = client.get("/creators/mei/suppose", params={"kind": "undo", "scenario": scenario})
    assert "scenario" not in httpx.URL(back.headers["Location"]).params


REFUSED = {
    "a creator of whom nothing is known": ("/creators/nobody", 404, "nobody"),
    "a scenario that is none": ("/creators/mei?scenario=x", 422, "list of steps"),
    "an absurd scenario": ('/creators/mei?scenario=[{"jump":"e1"}]', 422, "jump"),
    "a fact that is not there": ("/creators/mei/facts/99999", 404, "99999"),
    "a question that is none": ("/creators/mei/asked/life", 422, "life"),
    "a step that is none": ("/creators/mei/suppose?kind=fly", 422, "fly"),
    "a time that is none": ("/creators/mei?as_of=noon", 422, "noon"),
    "no such page": ("/nothing", 404, "Not Found"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_a_page_with_a_sentence(name: str, client: httpx.Client) -> None:
    path, status, said = REFUSED[name]
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert said in answer.text
    assert "Traceback" not in answer.text


PANELS = ("orders", "which_figures", "afford", "wrongful")


@pytest.mark.parametrize("what", PANELS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_else_may_be_asked(what: str, language: str, client: httpx.Client) -> None:
    answer = client.get(f"/creators/mei/asked/{what}", params={"lang": language, "as_of": AS_OF})
    assert answer.status_code == 200
    assert '<pre class="lines">' in answer.text
    assert ("。" in answer.text or "：" in answer.text) == (language == "zh")


def test_a_fact_says_its_ruling_and_what_was_asked(client: httpx.Client) -> None:
    answer = client.get("/creators/mei/facts/5", params={"lang": "zh", "as_of": AS_OF})
    assert "以代考罚" not in answer.text
    assert "考试得100分" in answer.text
    assert "口碑分须大于" in answer.text
    assert "“考试分数为100分" in answer.text or "002 §8" in answer.text
    assert "违规判定" not in answer.text  # of this fact alone


# --- in and out ----------------------------------------------------------------------------------


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[httpx.Client, Path]]:
    access = tmp_path / "tokens.db"
    Tokens(access, create=True).close()
    with served(Settings(filled(tmp_path, MEI), access=access)) as client:
        client.headers.update(PEOPLE)
        yield client, access


def signed_in(client: httpx.Client, access: Path, role: Role, creator: str = "") -> dict[str, str]:
    """The cookie of a browser that showed a token."""
    shown = token(access, role, creator)["Authorization"].removeprefix("Bearer ")
    answer = client.post("/login", data={"token": shown, "purpose": "complaint 17"})
    assert answer.status_code == 303, answer.text
    said = answer.headers["Set-Cookie"]
    for flag in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert flag in said
    return {"Cookie": f"{COOKIE}={re.search(rf'{COOKIE}=([^;]+)', said)[1]}"}  # type: ignore[index]


def test_a_page_asks_for_a_token(guarded: tuple[httpx.Client, Path]) -> None:
    client, access = guarded
    refused = client.get("/creators/mei")
    assert refused.status_code == 401
    assert 'href="/login?next=/creators/mei"' in refused.text
    wrong = client.post("/login", data={"token": "pl_x_y"})
    assert wrong.status_code == 401
    assert "this token is not known here" in wrong.text
    cookie = signed_in(client, access, Role.AUDITOR)
    assert client.get("/creators/mei", headers=cookie).status_code == 200
    with Tokens(access) as tokens:
        assert [each.purpose for each in tokens.readings("mei")] == ["complaint 17"]
    client.post("/logout", headers=cookie)
    assert client.get("/creators/mei", headers=cookie).status_code == 401


def test_another_site_can_not_sign_out_nor_in(guarded: tuple[httpx.Client, Path]) -> None:
    client, access = guarded
    cookie = signed_in(client, access, Role.AUDITOR)
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/logout", headers=cookie | foreign).status_code == 403
    assert client.get("/creators/mei", headers=cookie).status_code == 200
    assert client.post("/login", data={"token": "x"}, headers=foreign).status_code == 403


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("/creators/mei", "/creators/mei"), ("//evil.example", "/"), ("https://evil.example", "/"),
        ("/\\evil.example", "/"), ("", "/"),
    ],
)  # fmt: skip
def test_nobody_is_led_elsewhere(
    wanted: str, there: str, guarded: tuple[httpx.Client, Path]
) -> None:
    client, access = guarded
    shown = token(access, Role.ADMIN)["Authorization"].removeprefix("Bearer ")
    answer = client.post("/login", params={"next": wanted}, data={"token": shown})
    assert answer.headers["Location"] == there


def test_a_creator_sees_the_own_page_without_what_is_for_others(
    guarded: tuple[httpx.Client, Path],
) -> None:
    client, access = guarded
    cookie = signed_in(client, access, Role.CREATOR, "mei")
    home = client.get("/", headers=cookie)
    assert home.headers["Location"] == "/creators/mei"
    page = client.get("/creators/mei?lang=zh", headers=cookie).text
    for block in ("您还可以", "为什么", "分数与停用的经过"):
        assert block in page
    for absent in ('id="ledger"', 'id="proof"', 'id="conditions"', 'class="panels"', "data-event"):
        assert absent not in page
    assert client.get("/creators/bo", headers=cookie).status_code == 403
