"""What two people have to want: asked for by one administrator, approved by another.

Approving is asking for the same: whoever sends what waits already has read it. Kept in the file of
tokens, with who asked, who approved, and when.
"""

from pathlib import Path

from msgspec import Struct

from replay.web.access.principals import Principal
from replay.web.access.table import Table
from replay.web.access.tokens import SECOND, now

WAITS = 7 * 24 * 3600 * SECOND
"""After which nobody can approve it any more."""
TABLE = """
create table if not exists approvals (
    number integer primary key, what blob not null, said text not null,
    asked_by text not null, asked_token text not null, asked_at integer not null,
    approved_by text, approved_at integer
)
"""
KNOWN = (
    "select number, asked_by, asked_token, asked_at, approved_at from approvals"
    " where what = ? and (approved_at is not null or asked_at > ?) order by approved_at is null"
)


class Approval(Struct, frozen=True):
    """One thing that was asked for."""

    said: str
    asked_by: str
    asked_at: int
    approved_by: str | None
    approved_at: int | None


class Approvals(Table):
    """Of one file; from any thread."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, TABLE)

    def approved(self, what: bytes, said: str, principal: Principal) -> bool:
        """Whether another person has asked for the same before; else it waits for one.

        Another person has another name, and a token that was there before it was asked for:
        nobody makes the second one for themselves in between.
        """
        at = now()
        row = self.do(KNOWN, what, at - WAITS).fetchone()
        if row is None:
            self.do(
                "insert into approvals (what, said, asked_by, asked_token, asked_at)"
                " values (?, ?, ?, ?, ?)",
                what, said, principal.name, principal.token, at,
            )  # fmt: skip
            return False
        number, asked_by, asked_token, asked_at, approved_at = row
        if approved_at is not None:
            return True  # an answer was lost: what is recorded is recorded once
        made_at = self.do("select made_at from tokens where id = ?", principal.token).fetchone()
        same = principal.name == asked_by or principal.token == asked_token
        if same or made_at is None or made_at[0] >= asked_at:
            return False
        self.do(
            "update approvals set approved_by = ?, approved_at = ? where number = ?",
            principal.name, at, number,
        )  # fmt: skip
        return True

    def all(self, limit: int) -> list[Approval]:
        """The last ones, the newest first."""
        rows = self.do(
            "select said, asked_by, asked_at, approved_by, approved_at from approvals"
            " order by number desc limit ?",
            limit,
        ).fetchall()  # fmt: skip
        return [Approval(*row) for row in rows]
