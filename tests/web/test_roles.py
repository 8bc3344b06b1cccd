"""Every role on every route; tokens over HTTP."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from web_served import MEI, event, filled, served, token

from replay.web.access import approvals
from replay.web.access.gate import table
from replay.web.access.grants import GRANTS, Role
from replay.web.access.tokens import Tokens, now
from replay.web.app import bare
from replay.web.settings import Limits, Settings

API = "/api/v1"
SINGLE = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


def test_every_role_on_every_route(tmp_path: Path) -> None:
    access = tmp_path / "tokens.db"
    headers = {role: token(access, role, "mei" if role is Role.CREATOR else "") for role in Role}
    rows = [row for row in table(bare()) if row[2] is not None and not row[1].endswith("/events")]
    assert len(rows) > 20
    with served(
        Settings(filled(tmp_path, MEI), access=access, limits=Limits(burst=10**6))
    ) as client:
        for method, path, action, roles in rows:
            asked = path.format(
                creator="mei",
                label="douyin-creator",
                token="none",
                job="none",
                what="afford",
                position=1,
            )
            for role in Role:
                answer = client.request(method, asked, headers=headers[role])
                refused = answer.status_code == 403
                assert refused == (role not in roles), (method, path, role, answer.text)
                assert (action in GRANTS[role]) == (role in roles)
            assert client.request(method, asked).status_code == 401


def test_an_administrator_makes_and_ends_tokens(tmp_path: Path) -> None:
    access = tmp_path / "tokens.db"
    admin = token(access, Role.ADMIN)
    with served(Settings(filled(tmp_path, MEI), access=access)) as client:
        wanted = {"name": "Li", "role": "creator", "creator": "mei"}
        made = client.post(f"{API}/tokens", json=wanted, headers=admin).json()
        own = {"Authorization": f"Bearer {made['token']}"}
        assert client.get(f"{API}/creators/mei/standing", headers=own).status_code == 200
        listed = client.get(f"{API}/tokens", headers=admin).text
        assert made["id"] in listed
        assert made["token"].split("_", 2)[2] not in listed
        ended = client.delete(f"{API}/tokens/{made['id']}", headers=admin)
        assert ended.status_code == 204
        assert client.get(f"{API}/creators/mei/standing", headers=own).status_code == 401
        client.get(f"{API}/creators/mei/audit", headers=admin | {"Purpose": "a review"})
        read = client.get(f"{API}/readings", headers=admin).json()["readings"]
        assert [(each["route"], each["purpose"]) for each in read] == [("audit", "a review")]


def test_a_rulebook_is_adopted_by_an_administrator_alone(tmp_path: Path) -> None:
    access = tmp_path / "tokens.db"
    operator = token(access, Role.OPERATOR)
    adopted = event(1, "douyin-creator", rulebook="douyin-creator", version="2030") | {
        "type": "rulebook_adopted"
    }
    with served(Settings(filled(tmp_path, MEI), access=access)) as client:
        assert (
            client.post(f"{API}/facts", json=adopted, headers=operator | SINGLE).status_code == 403
        )


def adoption(number: int, **other: str) -> dict[str, Any]:
    hash_ = "0" * 64
    return event(
        number, "douyin-creator", rulebook="douyin-creator", version="2030", hash=hash_, **other
    ) | {"type": "rulebook_adopted"}


def test_a_rulebook_is_adopted_by_two_administrators(tmp_path: Path) -> None:
    access = tmp_path / "tokens.db"
    token(access, Role.AUDITOR)
    with served(Settings(filled(tmp_path, MEI), access=access)) as client, Tokens(access) as tokens:

        def admin(name: str) -> dict[str, str]:
            shown = tokens.new(name, Role.ADMIN, 600)
            return SINGLE | {"Authorization": f"Bearer {shown}"}

        def send(fact: dict[str, Any], who: dict[str, str]) -> int:
            return client.post(f"{API}/facts", json=fact, headers=who).status_code

        li, wang, li_again = admin("Li"), admin("Wang"), admin("Li")
        assert send(adoption(1), li) == 202
        assert send(adoption(1), li) == 202  # the same person, however often
        assert send(adoption(1), li_again) == 202  # by another token
        assert send(adoption(1), admin("Zhao")) == 202  # who was made for it
        assert send(adoption(2), wang) == 202  # another one
        assert client.get(f"{API}/facts?type=rulebook_adopted", headers=li).json()["facts"] == []
        assert send(adoption(1), wang) == 201
        assert [send(adoption(1), who) for who in (wang, li)] == [200, 200]
        (kept,) = client.get(f"{API}/facts?type=rulebook_adopted", headers=li).json()["facts"]
        assert kept["event"]["id"] == "n1"
        other, done = client.get(f"{API}/approvals", headers=li).json()["approvals"]
        assert (done["asked_by"], done["approved_by"]) == ("Li", "Wang")
        assert (other["asked_by"], other["approved_by"]) == ("Wang", None)
        assert client.post(
            f"{API}/facts", json=[adoption(3), event(4)], headers=li | BATCH
        ).status_code == 422  # fmt: skip
        wrong = adoption(6)
        del wrong["data"]["hash"]
        assert send(wrong, li) == 422  # nobody is asked to approve what can't be recorded
        back = event(5, "douyin-creator", event="n1", reason="in error") | {
            "type": "fact_retracted"
        }
        operator = token(access, Role.OPERATOR) | SINGLE
        assert [send(back, who) for who in (operator, li, wang)] == [403, 202, 201]


def test_what_nobody_approved_for_a_week_is_asked_for_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = tmp_path / "tokens.db"
    with Tokens(access, create=True) as tokens, closing(approvals.Approvals(access)) as kept:
        li, wang = (tokens.holder(tokens.new(name, Role.ADMIN, 10**7)) for name in ("Li", "Wang"))
        assert not kept.approved(b"x", "x", li)
        later = now() + approvals.WAITS
        monkeypatch.setattr(approvals, "now", lambda: later)
        assert not kept.approved(b"x", "x", wang)
        assert kept.approved(b"x", "x", li)
        assert kept.approved(b"x", "x", wang)  # as an answer may be lost
