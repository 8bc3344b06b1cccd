"""Every role on every route; tokens over HTTP."""

from pathlib import Path

from web_served import MEI, event, filled, served, token

from replay.web.access.gate import table
from replay.web.access.grants import GRANTS, Role
from replay.web.app import bare
from replay.web.settings import Limits, Settings

API = "/api/v1"
SINGLE = {"Content-Type": "application/cloudevents+json"}


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
