"""Rows as other programs read them, in an event loop: with the rights of a reader, and no more.

What is live may change under a reader: `look` says it anew, and old rows stay for a while.
"""

from collections.abc import Sequence

import msgspec

from projections.readmodels.redis.connection import AsyncLink
from projections.readmodels.redis.keys import STANDING, Keys, shard_of
from projections.readmodels.redis.target import ours, read_checkpoint
from projections.readmodels.redis.url import read_url
from projections.readmodels.target import Generation, TargetError


class Reading:
    """The rows at the URL of a Redis. Every failure is a TargetError."""

    def __init__(self, url: str, prefix: str, seconds: float) -> None:
        self._first, self._prefix = Keys(prefix, 0), prefix
        self._link = AsyncLink(read_url(url), seconds)
        self._shards: list[Keys] = []

    @property
    def where(self) -> str:
        """The server, without a password."""
        return self._link.where

    async def look(self) -> list[Generation]:
        """What is live of each shard. Raises TargetError where that is nothing."""
        text = await self._link.do("GET", self._first.about)
        if text is None:
            raise self._absent()
        about = ours(self.where, self._first.about, text)
        if len(self._shards) != about.shards:
            self._shards = [Keys(self._prefix, n) for n in range(about.shards)]
        return [await self._live(keys) for keys in self._shards]

    async def _live(self, keys: Keys) -> Generation:
        number = await self._link.do("GET", keys.live)
        text = number and await self._link.do("HGET", keys.generations, number)
        if not text:
            raise self._absent()
        try:
            return Generation(int(number), True, read_checkpoint(text))
        except (ValueError, msgspec.MsgspecError):
            raise TargetError(f"{self.where} has values that we did not write") from None

    def _absent(self) -> TargetError:
        return TargetError(f"{self.where}: no read model is live: `project` makes one")

    def shard(self, creator: str) -> int:
        """Where a creator's row belongs, after a look."""
        return shard_of(creator, len(self._shards))

    async def rows(
        self, shard: int, generation: int, creators: Sequence[str]
    ) -> list[bytes | None]:
        """The rows of some creators of one shard as JSON; None where there is none."""
        key = self._shards[shard].base(generation) + STANDING
        found: list[bytes | None] = await self._link.do("HMGET", key, *creators)
        return found

    async def close(self) -> None:
        """Give connections back."""
        await self._link.close()
