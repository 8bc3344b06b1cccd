"""Standings out of the read model, as long as they say what a replay would; else by a replay.

A row counts where it has every fact of the creator that is known of, time alone has not changed it
since, and the read model is of this log and these rules. So nothing is read that is known to be
old, but where the log can't be asked: then the row is better than nothing, and the answer says so.
"""

import asyncio
import logging
from datetime import UTC, datetime
from functools import partial

import msgspec
from anyio import to_thread

from ledger.errors import StoreError, UnreadableError
from projections.readmodels.now import row_now
from projections.readmodels.rows import document
from projections.readmodels.shortfalls import foreign
from projections.readmodels.source import Source
from projections.readmodels.target import Generation, TargetError
from replay.web.following import Following
from replay.web.ledgers import Ledgers, Lent
from replay.web.together import Together

LOOK = 1.0
"""Seconds between two looks at what is live."""
PATIENCE = 1.0
"""Seconds for the server of the read model to answer."""
READ, REPLAYED = "read model", "replay"


class Answer(msgspec.Struct, frozen=True):
    """A row as JSON, and how it was come by."""

    row: bytes
    source: str
    position: int
    """Every fact of the creator up to it is in the row."""
    stale: bool = False

    @property
    def body(self) -> bytes:
        """The row with one field more."""
        return self.row[:-1] + (b',"stale":true}' if self.stale else b',"stale":false}')


class Held(msgspec.Struct, frozen=True):
    """What is looked at of a row."""

    position: int
    next_change_at: datetime | None
    parked: str | None = None


_decode = msgspec.json.Decoder(Held).decode


def _held(text: bytes) -> Held | None:
    """None for what is no row, whoever wrote it."""
    try:
        return _decode(text)
    except msgspec.MsgspecError:
        return None


def _foreign(live: list[Generation], ledger: Lent) -> str:
    """Why none of those rows is to be read; empty where they are."""
    source = Source(ledger.question())
    return next(filter(None, (foreign(source, each) for each in live)), "")


class Standings:
    """Of one read model. `run` looks which rows are live. Raises TargetError for a wrong URL."""

    def __init__(self, url: str, prefix: str, ledgers: Ledgers, following: Following) -> None:
        from projections.readmodels.redis.reading import Reading  # its package may not be here

        self._reading = Reading(url, prefix, PATIENCE)
        self._ledgers, self._following = ledgers, following
        self._live: list[Generation] = []
        """Of each shard; none where rows are not to be read."""
        self._pages: list[Together[tuple[int, str], bytes | None]] = []
        self._why = ""

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """See which generations are live, and whether they are of this log and these rules."""
        try:
            live = await self._reading.look()
            why = await self._following.ask(partial(_foreign, live))
            why = self._why if why is None else why  # what was true a second ago
        except Exception as error:  # whatever it is, no row is read on the word of an older look
            live, why = [], str(error) or type(error).__name__
        if why != self._why:
            said = f"standings are replayed: {why}" if why else "standings are read again"
            logging.getLogger("uvicorn.error").warning(said)
        if len(live) != len(self._pages):
            self._pages = [Together(partial(self._read, n)) for n in range(len(live))]
        self._live, self._why = [] if why else live, why

    async def _read(self, shard: int, asked: list[tuple[int, str]]) -> list[bytes | None]:
        generation = asked[-1][0]  # what is live now, also for who asked a moment before
        return await self._reading.rows(shard, generation, [creator for _, creator in asked])

    async def read(self, creator: str) -> Answer | None:
        """What the read model has; None where it has nothing, or can't be asked."""
        live, following = self._live, self._following
        if not live:
            return None
        shard = self._reading.shard(creator)
        try:
            text = await self._pages[shard].ask((live[shard].number, creator))
        except TargetError:
            self._live = []  # until the next look
            return None
        row = None if text is None else _held(text)
        if text is None or row is None or row.parked is not None:
            return None
        mark = live[shard].checkpoint.position
        due = row.next_change_at is not None and row.next_change_at <= datetime.now(UTC)
        if due or not following.has_all(creator, row.position, mark):
            return Answer(text, READ, mark, stale=True)
        return Answer(text, READ, max(following.head, mark))

    async def ask(self, creator: str) -> Answer:
        """Where a creator stands. Raises LedgerError where there is neither a row nor a replay."""
        read = await self.read(creator)
        if read is not None and not read.stale:
            return read
        try:
            return await to_thread.run_sync(self._replayed, creator)
        except UnreadableError:
            raise
        except StoreError:
            if read is None:
                raise
            return read

    def _replayed(self, creator: str) -> Answer:
        with self._ledgers.borrow() as ledger:
            head = ledger.head()
            return Answer(document(row_now(ledger.question(), creator)), REPLAYED, head)

    async def close(self) -> None:
        """Give connections back."""
        await self._reading.close()
