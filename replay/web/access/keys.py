"""Requests that are sent twice: the same key and the same request get the same answer.

Kept for a day in the file of tokens, else in memory. What was recorded is safe without them: a fact
has an identity of its own.
"""

from collections.abc import Callable
from pathlib import Path

from ledger.errors import ConflictError, InputError
from replay.web.access.table import Table
from replay.web.access.tokens import SECOND, now

KEPT = 24 * 3600 * SECOND
PENDING = 0
"""The status of a request that is being answered."""
GIVEN_UP = 120 * SECOND
"""After which a request that was never answered may be sent again."""
TABLE = """
create table if not exists idempotency (
    token text not null, key text not null, request blob not null, status integer not null,
    answer blob not null, at integer not null, primary key (token, key)
) without rowid
"""


class Keys(Table):
    """Of one file; from any thread."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path, TABLE)

    def once(
        self, token: str, key: str, request: bytes, answer: Callable[[], tuple[int, bytes]]
    ) -> tuple[int, bytes]:
        """Status and body of the answer, the first one's where there was one.

        Raises InputError where the key was another request's, ConflictError while that is being
        answered, and what the answer raises, which is then not kept.
        """
        known = self._begin(token, key, request)
        if known is not None:
            return known
        try:
            status, said = answer()
        except BaseException:
            self.do("delete from idempotency where token = ? and key = ?", token, key)
            raise
        self.do(
            "update idempotency set status = ?, answer = ? where token = ? and key = ?",
            status, said, token, key,
        )  # fmt: skip
        return status, said

    def _begin(self, token: str, key: str, request: bytes) -> tuple[int, bytes] | None:
        at = now()
        self.do(
            "delete from idempotency where at < ? or (status = ? and at < ?)",
            at - KEPT, PENDING, at - GIVEN_UP,
        )  # fmt: skip
        made = self.do(
            "insert or ignore into idempotency values (?, ?, ?, ?, x'', ?)",
            token, key, request, PENDING, at,
        ).rowcount  # fmt: skip
        if made:
            return None
        row = self.do(
            "select request, status, answer from idempotency where token = ? and key = ?",
            token, key,
        ).fetchone()  # fmt: skip
        if row is None or row[1] == PENDING:
            raise ConflictError("a request with this key is being answered: wait for it")
        if row[0] != request:
            raise InputError("this Idempotency-Key was another request's: take a new one")
        return row[1], row[2]
