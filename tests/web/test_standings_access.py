"""Standings out of a read model: who may, and what is noted of it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from web_served import changed, served, token

from replay.web.access.grants import Role
from replay.web.access.tokens import Tokens
from replay.web.settings import Settings

from .rows import ROWS, ask, source, until


def test_the_short_way_lets_nobody_in_who_may_not(tmp_path: Path, rows: Settings) -> None:
    access = tmp_path / "tokens.db"
    own = token(access, Role.CREATOR, "mei")
    others = token(access, Role.CREATOR, "bo")
    author = token(access, Role.RULE_AUTHOR)
    with served(changed(rows, access=access)) as client:
        until(client, ROWS, **own)
        for _ in range(2):  # of a token that was not used before the long way, then the short one
            statuses = [ask(client, **each).status_code for each in ({}, others, author, own)]
            assert statuses == [401, 403, 403, 200]
        with Tokens(access) as kept:
            ended = own["Authorization"].split("_")[1]
            kept.revoke(ended)
        said = ask(client, **own)
        assert (said.status_code, said.json()["detail"]) == (
            401,
            "this token was revoked: ask for another",
        )


def test_every_reading_by_staff_is_noted_before_it_is_answered(
    tmp_path: Path, rows: Settings
) -> None:
    access = tmp_path / "tokens.db"
    auditor = token(access, Role.AUDITOR) | {"Purpose": "complaint 17"}
    own = token(access, Role.CREATOR, "mei")
    with served(changed(rows, access=access)) as client, Tokens(access) as kept:
        until(client, ROWS, **own)
        ask(client, **auditor)  # the first use of a token goes the long way
        before = len(kept.readings("mei", limit=1000))
        with ThreadPoolExecutor(16) as many:
            answers = [*many.map(lambda _: ask(client, **auditor), range(100))]
            assert {source(each) for each in answers} == {ROWS}
        noted = kept.readings("mei", limit=1000)[before:]
        assert len(noted) == 100
        assert {(each.role, each.route, each.purpose) for each in noted} == {
            ("auditor", "standing", "complaint 17")
        }
        ask(client, **own)
        assert len(kept.readings("mei", limit=1000)) == before + 100
