"""Read models in Redis or Valkey: one server, behind Sentinels, or a cluster.

A target is one *shard*: one hash tag, and so one atomic domain with its own checkpoint, lease and
feed. Rows, indexes, distribution, changes and checkpoint change in one script. So a replica that
was behind and is promoted, a server that comes back empty or an old copy that is restored all hold
rows that fit their checkpoint, and whoever runs the read model goes on from there.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, json

from projections.readmodels.redis.connection import SECONDS, Link, check, told
from projections.readmodels.redis.inspect import differences
from projections.readmodels.redis.keys import (
    CREATORS,
    DUE,
    LAYOUT,
    MAX_SHARDS,
    PARKED,
    PARTS,
    SCORES,
    STANDING,
    Keys,
    shard_of,
)
from projections.readmodels.redis.overtaken import overtaken
from projections.readmodels.redis.script import script
from projections.readmodels.redis.step import packed
from projections.readmodels.redis.url import CLUSTER, read_url
from projections.readmodels.rows import Row, Stored, stored
from projections.readmodels.target import (
    Checkpoint,
    FencedError,
    Generation,
    MovedError,
    Step,
    SupersededError,
    TargetError,
)

FEED_LENGTH = 100_000
CLUSTER_SHARDS = 16
PAGE = 1000
T = TypeVar("T")
_encode = json.Encoder().encode
read_checkpoint = json.Decoder(Checkpoint).decode


class About(Struct, frozen=True, kw_only=True):
    """Whose keys these are."""

    program: str = "penalty-ledger"
    layout: int = LAYOUT
    shards: int


_about = json.Decoder(About).decode


def open_redis(
    url: str,
    *,
    prefix: str = "pl",
    shards: int | None = None,
    feed_length: int = FEED_LENGTH,
    seconds: float = SECONDS,
) -> "list[RedisTarget]":
    """The shards at a URL (see `redis_url`), checked; on an empty server nothing is written yet.

    `shards`: how many, where there are none yet: 16 on a cluster, else 1. Raises TargetError.
    """
    address = read_url(url)
    if shards is not None and not 1 <= shards <= MAX_SHARDS:
        raise TargetError(f"the number of shards is {shards}: 1 to {MAX_SHARDS} is possible")
    first = Keys(prefix, 0)
    link = Link(address, seconds)
    try:
        warnings = check(link)
        held = _held(link, first.about)
        usual = CLUSTER_SHARDS if address.kind == CLUSTER else 1
        about = About(shards=shards or (held.shards if held else usual))
        made = [
            RedisTarget(link, Keys(prefix, n), n, about, feed_length, warnings)
            for n in range(about.shards)
        ]
        for target in made:
            if (text := link.do("GET", target.keys.about)) is not None:
                target.compare(text)
    except TargetError:
        link.close()
        raise
    return made


def _held(link: Link, key: str) -> About | None:
    text = link.do("GET", key)
    return None if text is None else ours(link.where, key, text)


def ours(where: str, key: str, text: bytes) -> About:
    """What the server says of our keys. Raises TargetError where they are not ours, or newer."""
    try:
        about = _about(text)
    except msgspec.MsgspecError:
        about = None
    if about is None or about.program != About(shards=1).program:
        raise TargetError(f"{where} has a key {key} that is not ours: give another prefix of keys")
    if about.layout > LAYOUT:
        raise TargetError(
            f"{where} was written by a newer version of this program (layout {about.layout}, "
            f"this one knows {LAYOUT}): upgrade it, or give another prefix of keys"
        )
    return about


class RedisTarget:
    """One shard. Threads may share it; `open_redis` makes it."""

    history = False

    def __init__(
        self,
        link: Link,
        keys: Keys,
        shard: int,
        about: About,
        feed_length: int,
        warnings: Sequence[str] = (),
    ) -> None:
        self.keys, self.shard, self.shards = keys, shard, about.shards
        self.name = f"{link.where} {keys.tag}"
        self._link, self._about, self._length = link, about, feed_length
        self._warnings = list(warnings)

    def owns(self, creator: str) -> bool:
        """Whether a creator's row belongs here."""
        return shard_of(creator, self.shards) == self.shard

    def warnings(self) -> list[str]:
        """What a person should know of the server, each in one sentence."""
        return self._warnings

    def compare(self, text: bytes) -> None:
        """Whether what the server says of its keys is what we take it to be."""
        held = ours(self._link.where, self.keys.about, text)
        if held.shards != self.shards:
            raise TargetError(
                f"{self._link.where} has its creators in {held.shards} shards, not "
                f"{self.shards}: give that number, or another prefix of keys to build anew"
            )

    def generations(self) -> list[Generation]:
        keys = [self.keys.live, self.keys.generations, self.keys.probe]
        word, *rest = self._run("held", keys)
        self._done(word, rest)
        live, held = rest
        number = None if live is None else self._number(live)
        texts = {self._number(n): text for n, text in zip(held[::2], held[1::2], strict=True)}
        return [Generation(n, n == number, self._read(texts[n])) for n in sorted(texts)]

    def lead(self, generation: int, owner: str, seconds: float) -> str:
        keys = [self.keys.lease(generation), self.keys.probe]
        word, *rest = self._run("lead", keys, owner, _milliseconds(seconds))
        if word == b"fenced":
            return str(rest[0].decode())
        self._done(word, rest)
        return ""

    def release(self, generation: int, owner: str) -> None:
        self._run("release", [self.keys.lease(generation)], owner)

    def apply(self, step: Step, owner: str, seconds: float) -> None:
        keys, number = self.keys, step.generation
        named = [keys.about, keys.live, keys.generations, keys.lease(number), keys.feed, keys.probe]
        word, *rest = self._run(
            "apply",
            named,
            _encode(self._about),
            number,
            owner,
            _milliseconds(seconds),
            _written(step.before),
            _written(step.after),
            keys.base(number),
            self._length,
            packed(step),
            max(step.after.clock // 1000, 0),
        )
        if word == b"fenced":
            raise FencedError(f"{rest[0].decode()} leads generation {number} of {self.name}")
        if word == b"superseded":
            raise SupersededError(f"generation {rest[0].decode()} of {self.name} is live")
        if word == b"moved":
            raise MovedError(f"generation {number} of {self.name} is at another checkpoint")
        self._done(word, rest)

    def swap(self, generation: int, owner: str, replaces: Checkpoint | None) -> bool:
        keys = [self.keys.live, self.keys.generations, self.keys.lease(generation)]
        word, *_ = self._run("swap", keys, generation, owner, _written(replaces))
        return bool(word == b"done")

    def drop(self, generation: int) -> None:
        keys = [self.keys.live, self.keys.generations, self.keys.lease(generation)]
        word, *_ = self._run("drop", keys, generation, self.keys.base(generation))
        if word == b"live":
            raise TargetError(f"generation {generation} of {self.name} is live: it is not dropped")

    def stored(self, generation: int, creators: Sequence[str]) -> dict[str, Stored]:
        found = {}
        for names in pages(creators):
            texts = self._do("HMGET", self._key(generation, STANDING), *names)
            for name, text in zip(names, texts, strict=True):
                if text is not None:
                    with suppress(msgspec.MsgspecError):  # a check names it, a step replaces it
                        found[name] = stored(text)
        return found

    def due(self, generation: int, until: int, limit: int) -> list[str]:
        key = self._key(generation, DUE)
        return _names(self._do("ZRANGEBYSCORE", key, "-inf", until // 1000, "LIMIT", 0, limit))

    def creators(self, generation: int, after: str = "", limit: int = 1000) -> list[str]:
        start, key = f"({after}" if after else "-", self._key(generation, CREATORS)
        return _names(self._do("ZRANGEBYLEX", key, start, "+", "LIMIT", 0, limit))

    def parked(self, generation: int) -> dict[str, str]:
        held = self._do("HGETALL", self._key(generation, PARKED))
        return {name.decode(): why.decode() for name, why in held.items()}

    def inspect(self, generation: int, rows: Iterable[Row]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for page in pages(rows):
            found |= differences(self._do, self.keys.base(generation), page)
        return found

    def totals(self, generation: int) -> dict[str, int]:
        counted = {}
        parts = _names(self._do("SMEMBERS", self._key(generation, PARTS)))
        for name in parts:
            kind, *words = name.split(":")
            if kind == SCORES:
                held = self._do("HGETALL", self._key(generation, name))
                for score, count in held.items():
                    counted["|".join((*words, score.decode()))] = self._number(count)
        return counted

    def losses(self) -> list[str]:
        """Groups of readers that were overtaken by the trimming of the feed."""
        return overtaken(self._do, self.keys.feed)

    def close(self) -> None:
        self._link.close()

    def _key(self, generation: int, name: str) -> str:
        return self.keys.base(generation) + name

    def _do(self, *command: Any) -> Any:
        return self._link.do(*command)

    def _run(self, name: str, keys: list[str], *arguments: Any) -> list[Any]:
        return self._link.run(script(name), keys, *arguments)

    def _done(self, word: bytes, rest: list[bytes]) -> None:
        """Nothing if it is done; else the error for what a script refused."""
        if word == b"barred":
            raise told(rest[1].decode(), self._link.where, rest[0].decode())
        if word == b"type":
            raise TargetError(
                f"{self._link.where} has a key {rest[0].decode()} that is not as we write it: "
                "delete the read model and build it anew, or give another prefix of keys"
            )
        if word == b"about":
            self.compare(rest[0])
            raise TargetError(f"{self._link.where} has another layout: give another prefix")

    def _number(self, text: bytes) -> int:
        try:
            return int(text)
        except ValueError:
            raise self._damaged() from None

    def _read(self, text: bytes) -> Checkpoint:
        try:
            return read_checkpoint(text)
        except msgspec.MsgspecError:
            raise self._damaged() from None

    def _damaged(self) -> TargetError:
        return TargetError(
            f"{self.name} has values that we did not write: `rebuild` makes them anew, or give "
            "another prefix of keys"
        )


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _written(checkpoint: Checkpoint | None) -> bytes:
    return b"" if checkpoint is None else _encode(checkpoint)


def _names(values: Iterable[bytes]) -> list[str]:
    return [value.decode() for value in values]


def pages(items: Iterable[T], size: int = PAGE) -> Iterator[list[T]]:
    rest = iter(items)
    while page := list(islice(rest, size)):
        yield page
