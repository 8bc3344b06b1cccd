"""Where read models are in tests of faults: a server of one's own that can be hurt, or a file."""

import json
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import redis_servers
import servers
from readmodels.logs import fresh

from ledger.log.port import open_log
from projections.readmodels.redis.target import RedisTarget, open_redis
from projections.readmodels.sql.target import SqlTarget, open_sql
from projections.readmodels.target import Change, Target

from .wire import Wire

AOF = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")


class Place(Protocol):
    db: str
    """The ledger."""
    arguments: tuple[str, ...]
    """What the command line is told: the read model, over the wire where there is one."""
    wire: Wire | None

    def open(self) -> Target:
        """The read model, past the wire."""

    def feed(self, target: Target) -> list[Change]:
        """All that has been published, oldest first."""


class RedisPlace:
    """A Valkey that keeps what it answered for, behind a wire; its ledger is a file."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self.db, self._stack = fresh(home / "ledger.db"), stack
        self.server = stack.enter_context(redis_servers.server(*AOF, disk=True))
        self.wire = stack.enter_context(Wire(self.server.port))
        self.url = f"redis://127.0.0.1:{self.wire.port}/0"
        self.arguments = ("--redis", self.url)

    def open(self, url: str = "") -> RedisTarget:
        return open_redis(url or self.server.url)[0]

    def feed(self, target: Target) -> list[Change]:
        return redis_feed(target)

    def empty(self) -> None:
        """What is on disk is gone; of a server that is down."""
        shutil.rmtree(self.server.home / "appendonlydir")

    def replica(self) -> redis_servers.Server:
        """A copy that has caught up once."""
        return self._stack.enter_context(redis_servers.replica_of(self.server, *AOF[2:]))

    def promote(self, replica: redis_servers.Server) -> None:
        """The copy, which has been cut off meanwhile, is the server from now on."""
        self.server.kill()
        replica.options = AOF
        self.server = replica
        self.wire.point_to(replica.port)


def redis_feed(target: Target) -> list[Change]:
    assert isinstance(target, RedisTarget)
    entries = target._do("XRANGE", target.keys.feed, "-", "+")
    return [
        Change(e[b"id"].decode(), e[b"creator"].decode(), e[b"event"], source_of(e[b"event"]))
        for _, e in entries
    ]


def source_of(event: bytes) -> str:
    return str(json.loads(event)["source"])


class PostgresPlace:
    """A PostgreSQL with the read model, behind a wire, and the ledger in another database."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        del home
        self.server = stack.enter_context(servers.postgres())
        self.db, self._direct = self.server.database(), self.server.database()
        open_log(self.db, create=True).close()
        self.wire = stack.enter_context(Wire(self.server.port))
        name = self._direct.rpartition("/")[2]
        self.url = self.server.url(name, port=self.wire.port)
        self.arguments = ("--sql", self.url)

    def open(self, url: str = "") -> SqlTarget:
        return open_sql(url or self._direct)

    def feed(self, target: Target) -> list[Change]:
        return sql_feed(target)

    def restart(self) -> None:
        """As a crash would: nobody is asked, the log is replayed."""
        self.server.stop(signal.SIGQUIT)
        self.server.start()


class SQLitePlace:
    """A file; so is its ledger."""

    wire = None

    def __init__(self, home: Path, stack: ExitStack) -> None:
        del stack
        self.db, self.file = fresh(home / "ledger.db"), home / "rows.db"
        self.arguments = ("--sql", f"sqlite:///{self.file}")

    def open(self) -> SqlTarget:
        return open_sql(self.arguments[1])

    def feed(self, target: Target) -> list[Change]:
        return sql_feed(target)


def sql_feed(target: Target) -> list[Change]:
    assert isinstance(target, SqlTarget)
    with target.store.reading() as s:
        rows = s.run("SELECT id, creator, event, source FROM change ORDER BY seq")
    return [Change(id_, creator, event.encode(), source) for id_, creator, event, source in rows]


PLACES = {"redis": RedisPlace, "postgres": PostgresPlace, "sqlite": SQLitePlace}


@contextmanager
def made(kind: str) -> Iterator[Place]:
    """A place of a kind, with an empty ledger."""
    with servers.temporary_home("faults-") as home, ExitStack() as stack:
        yield PLACES[kind](home, stack)
