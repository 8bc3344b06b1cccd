"""Where everything lies in Redis: the only place in which a key is put together.

All keys of a *shard* share one hash tag, `{pl:0}`, so that on a cluster they lie on one node and
change in one step. A single server has one shard; a cluster has several, and a creator belongs to
the shard that `shard_of` says. Ids of creators and violations are members, fields and values, never
parts of a key; what rulebooks name (features, counters) is checked before it becomes one.
"""

import re
from functools import lru_cache
from zlib import crc32

from projections.readmodels.target import TargetError

LAYOUT = 1
"""Version of the layout below; `docs/redis.md` describes it."""
PREFIX = re.compile(r"[A-Za-z0-9_.-]{1,64}")
WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
MAX_SHARDS = 1024


def shard_of(creator: str, shards: int) -> int:
    """CRC-32 (IEEE, as zlib's) of the id in UTF-8, modulo the number of shards."""
    return crc32(creator.encode()) % shards if shards > 1 else 0


class Keys:
    """The keys of one shard."""

    def __init__(self, prefix: str, shard: int) -> None:
        if not PREFIX.fullmatch(prefix):
            raise TargetError(
                f"{prefix!r} is no prefix of keys: 1 to 64 letters, digits, dots, hyphens and "
                "underscores are"
            )
        self.tag = f"{{{prefix}:{shard}}}"
        self.about = f"{self.tag}:about"
        self.live = f"{self.tag}:live"
        self.generations = f"{self.tag}:generations"
        self.feed = f"{self.tag}:feed"
        self.probe = f"{self.tag}:probe"

    def lease(self, generation: int) -> str:
        return f"{self.tag}:lease:{generation:d}"

    def base(self, generation: int) -> str:
        """What the keys of a generation begin with; a part follows."""
        return f"{self.tag}:g{generation:d}:"


STANDING, INDEX, CREATORS, PARKED, PARTS = "standing", "index", "creators", "parked", "parts"
DUE, APPEALS = "due", "appeals"
STOPPED, WINDOWS, SCORES = "stopped", "windows", "scores"


@lru_cache(4096)
def part(kind: str, *words: str) -> str:
    """`stopped:cart`, `windows:exam`, `scores:douyin-creator:credit`: the end of a key."""
    for word in words:
        if not WORD.fullmatch(word):
            raise TargetError(f"{word!r} can't be a part of a key: it is no word of a rulebook")
    return ":".join((kind, *words))
