"""The file of who may ask and of who has read what: SQLite, for its owner alone.

A token is `pl_<id>_<secret>`; the secret is shown once and kept as SHA-256. It is 256 random bits,
so a slow hash would protect nothing more. Times are microseconds since 1970.
"""

import hashlib
import hmac
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from msgspec import Struct

from ledger.errors import InputError, StoreError
from ledger.files import opener
from replay.web.access.grants import Role
from replay.web.access.principals import Principal, UnknownError

SECOND = 1_000_000
SESSION = 8 * 3600 * SECOND
"""How long a browser is known before its person has to show a token again."""
NOTED = 60 * SECOND
"""A token's last use is noted at most so often."""
VERSION = 1
TABLES = f"""
create table tokens (
    id text primary key, secret blob not null, name text not null, role text not null,
    creator text not null, purpose text not null, made_at integer not null,
    expires_at integer not null, revoked_at integer, used_at integer
) without rowid;
create table sessions (
    secret blob primary key, token text not null, purpose text not null, expires_at integer not null
) without rowid;
create table readings (
    number integer primary key, at integer not null, token text not null, name text not null,
    role text not null, creator text not null, route text not null, purpose text not null
);
create index readings_of_creators on readings (creator, number);
pragma user_version = {VERSION};
"""


ROW = (
    "select secret, name, role, creator, purpose, expires_at, revoked_at, used_at"
    " from tokens where id = ?"
)
NOTE = (
    "insert into readings (at, token, name, role, creator, route, purpose)"
    " values (?, ?, ?, ?, ?, ?, ?)"
)


class Token(Struct, frozen=True):
    """What is known of one; not its secret."""

    id: str
    name: str
    role: Role
    creator: str
    purpose: str
    made_at: int
    expires_at: int
    revoked_at: int | None
    used_at: int | None


class Reading(Struct, frozen=True):
    """One creator's record, opened by somebody else."""

    number: int
    at: int
    token: str
    name: str
    role: str
    creator: str
    route: str
    purpose: str


class Tokens:
    """The file, opened; from any thread. Raises StoreError where it can't be used."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._path, self._lock, self._ended = path, threading.RLock(), 0
        if create and not path.exists():
            self._make()
        if not path.is_file():
            raise StoreError(f"{path} is no file of tokens: make one with `token new`")
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5)
        self._seen = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=0)
        with self._errors():
            (version,) = self._db.execute("pragma user_version").fetchone()
            if version != VERSION:
                raise StoreError(f"{path} is no file of tokens that this version knows")
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = normal")

    def _make(self) -> None:
        try:
            os.close(opener(str(self._path), os.O_CREAT | os.O_EXCL | os.O_RDWR))
        except OSError as error:
            raise StoreError(f"{self._path} can't be made: {error.strerror}") from error
        with closing(sqlite3.connect(self._path)) as db:
            db.executescript(TABLES)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
        except sqlite3.Error as error:
            raise StoreError(f"{self._path} can't be used: {error}") from error

    def new(self, name: str, role: Role, seconds: int, creator: str = "", purpose: str = "") -> str:
        """A token, told this once. Raises InputError for one that could open nothing."""
        if (role is Role.CREATOR) != bool(creator):
            raise InputError("a token of the role creator, and no other, is of one creator")
        if seconds <= 0:
            raise InputError("a token ends after it begins: give it some time")
        token, secret, at = secrets.token_hex(4), secrets.token_urlsafe(32), now()
        kept = (token, digest(secret), name, role, creator, purpose, at, at + seconds * SECOND)
        with self._errors():
            self._db.execute("insert into tokens values (?, ?, ?, ?, ?, ?, ?, ?, null, null)", kept)
        return f"pl_{token}_{secret}"

    def revoke(self, token: str) -> None:
        """End one, and the sessions that it opened. Raises InputError where there is none."""
        with self._errors():
            changed = self._db.execute(
                "update tokens set revoked_at = coalesce(revoked_at, ?) where id = ?",
                (now(), token),
            ).rowcount
            self._ended += 1
        if not changed:
            raise InputError(f'there is no token "{token}": `token list` shows them')

    def revision(self) -> tuple[int, int]:
        """Another one after a token or a session was ended, by whichever process."""
        with self._errors():
            (others,) = self._db.execute("pragma data_version").fetchone()
            return others, self._ended

    def all(self) -> list[Token]:
        """Every token that ever was, the oldest first."""
        with self._errors():
            rows = self._db.execute(
                "select id, name, role, creator, purpose, made_at, expires_at, revoked_at, used_at"
                " from tokens order by made_at, id"
            ).fetchall()
        return [Token(row[0], row[1], Role(row[2]), *row[3:]) for row in rows]

    def holder(self, shown: str) -> Principal:
        """Who shows this token. Raises UnknownError."""
        token, secret = _parts(shown)
        row = self._row(token)
        if not _fits(secret, row) or row is None:
            raise UnknownError("this token is not known here")
        return self._principal(token, row)

    def glance(self, shown: str) -> Principal | None:
        """The same without waiting for anybody, in one thread; None: ask `holder`, who may write.

        So no refusal is told here, and a token that was used the first time in a minute is not
        known here either.
        """
        token, secret = _parts(shown)
        try:
            row = self._seen.execute(ROW, (token,)).fetchone()
        except sqlite3.Error:
            return None
        at = now()
        if not _fits(secret, row) or row is None or _refusal(row, at) or _is_news(row, at):
            return None
        _, name, role, creator, purpose, *_ = row
        return Principal(name, Role(role), creator, token, purpose)

    def open_session(self, shown: str, purpose: str) -> str:
        """The secret of a browser that showed this token. Raises UnknownError."""
        holder, secret = self.holder(shown), secrets.token_urlsafe(32)
        with self._errors():
            self._db.execute("delete from sessions where expires_at < ?", (now(),))
            self._db.execute(
                "insert into sessions values (?, ?, ?, ?)",
                (digest(secret), holder.token, purpose, now() + SESSION),
            )
        return secret

    def close_session(self, secret: str) -> None:
        """Forget a browser."""
        with self._errors():
            self._db.execute("delete from sessions where secret = ?", (digest(secret),))
            self._ended += 1

    def visitor(self, secret: str) -> Principal:
        """Whose browser this is. Raises UnknownError."""
        with self._errors():
            found = self._db.execute(
                "select token, purpose from sessions where secret = ? and expires_at > ?",
                (digest(secret), now()),
            ).fetchone()
        row = self._row(found[0]) if found else None
        if row is None:
            raise UnknownError("this sign-in has ended: show your token again")
        return self._principal(found[0], row, found[1])

    def _row(self, token: str) -> tuple[Any, ...] | None:
        with self._errors():
            row: tuple[Any, ...] | None = self._db.execute(ROW, (token,)).fetchone()
        return row

    def _principal(self, token: str, row: tuple[Any, ...], purpose: str = "") -> Principal:
        _, name, role, creator, kept, *_ = row
        at = now()
        if refusal := _refusal(row, at):
            raise UnknownError(refusal)
        if _is_news(row, at):
            with self._errors():
                self._db.execute("update tokens set used_at = ? where id = ?", (at, token))
        return Principal(name, Role(role), creator, token, purpose or kept)

    def note(self, principal: Principal, creator: str, route: str, purpose: str) -> None:
        """Who opened whose record, by which route, why."""
        self.note_all([(principal, creator, route, purpose)])

    def note_all(self, opened: list[tuple[Principal, str, str, str]]) -> list[None]:
        """The same of many, in one transaction."""
        at = now()
        rows = [
            (at, who.token, who.name, who.role, creator, route, purpose)
            for who, creator, route, purpose in opened
        ]
        with self._errors(), self._db:
            self._db.execute("begin immediate")
            self._db.executemany(NOTE, rows)
        return [None for _ in opened]

    def readings(self, creator: str = "", after: int = 0, limit: int = 200) -> list[Reading]:
        """Who opened whose record, in the order in which it was; of one creator, or all."""
        with self._errors():
            rows = self._db.execute(
                "select * from readings where number > ? and (? = '' or creator = ?)"
                " order by number limit ?",
                (after, creator, creator, limit),
            ).fetchall()
        return [Reading(*row) for row in rows]

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()
            self._seen.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _parts(shown: str) -> tuple[str, str]:
    """Id and secret of a token as it is shown; an id that there is not, of what is none."""
    kind, _, rest = shown.partition("_")
    token, _, secret = rest.partition("_")
    return token if kind == "pl" else "", secret


def _fits(secret: str, row: tuple[Any, ...] | None) -> bool:
    """In the same time whether there is such a token or not."""
    known = row[0] if row else bytes(32)
    return hmac.compare_digest(digest(secret), known) and row is not None


def _refusal(row: tuple[Any, ...], at: int) -> str:
    *_, expires_at, revoked_at, _ = row
    if revoked_at is not None:
        return "this token was revoked: ask for another"
    return "this token has expired: ask for another" if expires_at <= at else ""


def _is_news(row: tuple[Any, ...], at: int) -> bool:
    """Whether its use is to be noted."""
    return row[-1] is None or at - row[-1] > NOTED


def now() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


def digest(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
