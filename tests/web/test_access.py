"""Who may ask what: every role on every route, tokens at their ends, what is noted of readings."""

import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from fastapi import FastAPI
from web_served import MEI, ROOT, changed, event, filled, served, token

from ledger.errors import InputError, LedgerError, StoreError
from replay.cli import main
from replay.library import Ledger
from replay.web.access import principals, tokens
from replay.web.access.gate import check_all, table
from replay.web.access.grants import GRANTS, Action, Role
from replay.web.access.guard import fields
from replay.web.access.tokens import Tokens
from replay.web.app import bare
from replay.web.settings import Limits, Settings

STANDING = "/api/v1/creators/mei/standing"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    place = tmp_path_factory.mktemp("web")
    access = place / "tokens.db"
    Tokens(access, create=True).close()
    return Settings(filled(place, MEI), access=access)


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[httpx.Client]:
    with served(settings) as client:
        yield client


def access_of(settings: Settings) -> Path:
    assert settings.access is not None
    return settings.access


def test_nobody_is_let_in_without_a_token(client: httpx.Client) -> None:
    refused = client.get(STANDING)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["detail"] == "show a token: Authorization: Bearer pl_…"


@pytest.mark.parametrize("shown", ["pl", "pl_", "pl_x_y", "pl_00000000_" + "x" * 43, "\xff", "a b"])
def test_what_is_no_token_is_refused(client: httpx.Client, shown: str) -> None:
    header = {"Authorization": b"Bearer " + shown.encode("latin-1")}
    assert client.get(STANDING, headers=header).status_code == 401


def test_the_id_of_a_token_opens_nothing(client: httpx.Client, settings: Settings) -> None:
    shown = token(access_of(settings), Role.ADMIN)["Authorization"]
    for wrong in (shown[:-1] + ("A" if shown[-1] != "A" else "B"), shown.rpartition("_")[0] + "_"):
        assert client.get(STANDING, headers={"Authorization": wrong}).status_code == 401
    assert client.get(STANDING, headers={"Authorization": shown}).status_code == 200


def test_a_creator_reads_the_own_record_alone(client: httpx.Client, settings: Settings) -> None:
    own = token(access_of(settings), Role.CREATOR, "mei")
    foreign = token(access_of(settings), Role.CREATOR, "bo")
    assert client.get(STANDING, headers=own).json()["creator"] == "mei"
    assert client.get(STANDING, headers=foreign).status_code == 403
    absent = client.get("/api/v1/creators/nobody/standing", headers=foreign)
    assert absent.status_code == 403  # as of one who is there: it can't be told from outside
    assert absent.json()["detail"] == 'this token opens the record of "bo" alone'


def test_a_token_ends(client: httpx.Client, settings: Settings) -> None:
    header = token(access_of(settings), Role.AUDITOR, seconds=1)
    assert client.get(STANDING, headers=header).status_code == 200
    time.sleep(1.1)
    said = client.get(STANDING, headers=header)
    assert (said.status_code, said.json()["detail"]) == (
        401,
        "this token has expired: ask for another",
    )


def test_a_revoked_token_ends_at_once_and_its_sessions_with_it(settings: Settings) -> None:
    with Tokens(access_of(settings)) as kept:
        shown = kept.new("x", Role.AUDITOR, 600)
        holder = kept.holder(shown)
        session = kept.open_session(shown, "a complaint")
        assert kept.visitor(session).purpose == "a complaint"
        kept.revoke(holder.token)
        for ask, what in ((kept.holder, shown), (kept.visitor, session)):
            with pytest.raises(principals.UnknownError, match="revoked"):
                ask(what)
        with pytest.raises(InputError, match='no token "nothing"'):
            kept.revoke("nothing")


def test_a_session_ends_by_itself(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with Tokens(access_of(settings)) as kept:
        session = kept.open_session(kept.new("x", Role.AUDITOR, 10**6), "")
        later = tokens.now() + tokens.SESSION
        monkeypatch.setattr(tokens, "now", lambda: later)
        with pytest.raises(principals.UnknownError, match="has ended"):
            kept.visitor(session)


def test_a_secret_is_nowhere_in_the_file(tmp_path: Path) -> None:
    access = tmp_path / "tokens.db"
    shown = token(access, Role.ADMIN)["Authorization"].removeprefix("Bearer ")
    with Tokens(access) as kept:
        session = kept.open_session(shown, "")
        on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (shown.split("_", 2)[2], session):
        assert secret.encode() not in on_disk
    assert stat.S_IMODE(access.stat().st_mode) == 0o600


def test_what_staff_read_is_noted_and_what_a_creator_reads_is_not(
    client: httpx.Client, settings: Settings
) -> None:
    with Tokens(access_of(settings)) as kept:
        before = len(kept.readings("mei"))
        auditor = token(access_of(settings), Role.AUDITOR)
        client.get(STANDING, headers=auditor | {"Purpose": "complaint 17"})
        client.get(STANDING, headers=token(access_of(settings), Role.CREATOR, "mei"))
        client.get(STANDING)
        (reading,) = kept.readings("mei")[before:]
    assert (reading.name, reading.role, reading.creator) == ("the auditor", "auditor", "mei")
    assert (reading.route, reading.purpose) == ("standing", "complaint 17")


def test_a_search_for_one_creators_facts_is_a_reading_too(
    client: httpx.Client, settings: Settings
) -> None:
    auditor = token(access_of(settings), Role.AUDITOR)
    with Tokens(access_of(settings)) as kept:
        before = len(kept.readings("mei"))
        client.get("/api/v1/facts?creator=mei", headers=auditor)
        client.get("/api/v1/facts?type=exam_sat", headers=auditor)
        assert [each.route for each in kept.readings("mei")[before:]] == ["search"]


def test_only_a_role_with_a_grant_may(settings: Settings) -> None:
    for role in Role:
        for action in Action:
            who = principals.Principal("x", role, "mei" if role is Role.CREATOR else "")
            if action in GRANTS[role]:
                principals.authorize(who, action, "mei")
            else:
                with pytest.raises(principals.RefusedError, match=f"the role {role} may not"):
                    principals.authorize(who, action, "mei")


def test_a_route_that_was_left_open_ends_the_start() -> None:
    app = FastAPI(openapi_url=None)
    app.get("/open", name="open")(lambda: None)
    check_all(app, frozenset({"open"}))
    with pytest.raises(LedgerError, match="the route open is open to everybody"):
        check_all(app, frozenset())


@pytest.mark.parametrize(
    ("role", "creator", "seconds"),
    [(Role.CREATOR, "", 5), (Role.ADMIN, "mei", 5), (Role.ADMIN, "", 0)],
)
def test_a_token_that_could_open_nothing_is_not_made(
    tmp_path: Path, role: Role, creator: str, seconds: int
) -> None:
    with Tokens(tmp_path / "tokens.db", create=True) as kept:
        with pytest.raises(InputError):
            kept.new("x", role, seconds, creator)
        assert kept.all() == []


def test_a_file_that_is_no_file_of_tokens_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="make one with `token new`"):
        Tokens(tmp_path / "absent.db")
    (tmp_path / "text.db").write_text("hello, this is no database at all" * 100)
    with pytest.raises(StoreError, match="can't be used"):
        Tokens(tmp_path / "text.db")


@pytest.mark.parametrize(
    ("host", "status"),
    [("evil.example", 421), ("127.0.0.1.evil.example", 421), ("", 421), ("LOCALHOST:1", 401)],
)
def test_a_wrong_host_is_refused(client: httpx.Client, host: str, status: int) -> None:
    assert client.get(STANDING, headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 405),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 405),
    ],
)
def test_another_sites_page_changes_nothing(
    client: httpx.Client, header: dict[str, str], status: int
) -> None:
    assert client.post(STANDING, headers=header).status_code == status


def test_of_a_field_that_is_said_twice_the_first_counts() -> None:
    said = [(b"authorization", b"one"), (b"host", b"x"), (b"authorization", b"two")]
    assert fields({"headers": said}) == {"authorization": "one", "host": "x"}


def test_who_asks_too_often_waits(settings: Settings) -> None:
    limits = Limits(rate=1, burst=3)
    mine = token(access_of(settings), Role.AUDITOR)
    with served(changed(settings, limits=limits)) as client:
        assert client.get(STANDING, headers=mine).status_code == 200
        time.sleep(1)
        statuses = [client.get(STANDING).status_code for _ in range(6)]
        assert statuses[:3] == [401, 401, 401]
        assert statuses[-1] == 429
        assert client.get(STANDING, headers=mine).status_code == 200  # others are not held up


def test_whoever_guesses_has_the_rate_of_the_address(settings: Settings) -> None:
    limits = Limits(rate=0.5, burst=6)
    with served(changed(settings, limits=limits)) as client:
        mine = token(access_of(settings), Role.AUDITOR)
        assert client.get(STANDING, headers=mine).status_code == 200
        said = []
        for n in range(8):
            guess = {"Authorization": f"Bearer pl_{n:08x}_{'x' * 43}"}
            client.get("/api/v1/openapi.json", headers=guess)  # what is open lets nobody in
            said.append(client.get(STANDING, headers=guess).status_code)
        assert set(said[-4:]) == {429}
        assert client.get(STANDING, headers=mine).status_code == 200


def test_every_answer_has_the_headers_that_keep_a_browser_honest(client: httpx.Client) -> None:
    for answer in (
        client.get(STANDING),
        client.get("/absent"),
        client.get("/", headers={"Host": "x"}),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.json()["instance"] == f"urn:request:{answer.headers['Request-Id']}"


def test_no_route_opens_the_record_of_another_creator(settings: Settings) -> None:
    own = token(access_of(settings), Role.CREATOR, "bo")
    asked = [
        (method, path.format(creator="mei", what="afford", position=1))
        for method, path, _, roles in table(bare())
        if "{creator" in path and Role.CREATOR in roles
        for path in [path.replace(":path", "")]
    ]
    assert len(asked) > 12
    with served(changed(settings, limits=Limits(rate=1000, burst=1000))) as client:
        for method, path in asked:
            assert client.request(method, path, headers=own).status_code == 403, (method, path)
        for path in ("/api/v1/facts?creator=mei", "/facts?creator=mei", "/open?creator=mei"):
            assert client.get(path, headers=own).status_code == 403, path


def test_when_a_fact_was_recorded_is_not_for_whoever_sends_it(
    client: httpx.Client, settings: Settings
) -> None:
    operator = token(access_of(settings), Role.OPERATOR)
    given = event(77, "jo") | {"recordedtime": "2001-01-01T00:00:00Z"}
    said = client.post("/api/v1/facts", json=given, headers=operator)
    assert said.status_code == 201
    (kept,) = client.get("/api/v1/creators/jo/facts", headers=operator).json()["facts"]
    assert not kept["recordedtime"].startswith("2001")


def test_a_fault_of_ours_says_nothing_of_its_inside(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(Ledger, "standing", broken)
    with served(settings) as client:
        said = client.get(STANDING, headers=token(access_of(settings), Role.AUDITOR))
    assert said.status_code == 500
    assert said.json()["detail"].startswith("this is a fault of ours")
    for inside in ("secret", "ZeroDivision", "Traceback", ".py"):
        assert inside not in said.text


def test_without_tokens_other_addresses_are_refused(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "ledger.example"):
        done = CliRunner().invoke(
            main, ["--db", f"sqlite:///{tmp_path}/x.db", "serve", "--host", host]
        )
        assert done.exit_code == 3
        assert "give --access FILE with tokens" in done.output


def test_the_tests_that_the_table_of_risks_names_are_there() -> None:
    page = (ROOT / "docs" / "access.md").read_text("utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    assert len(named) > 20
    there = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert not [each for each in named if f"def {each}(" not in there]
    assert [f"API{n}:2023" for n in range(1, 11)] == re.findall(r"API\d+:2023", page)
