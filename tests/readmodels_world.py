"""A small world that a target is led through, step by step, from whatever checkpoint it has."""

from itertools import count

from projections.readmodels.contract import HOUR, LEASE, row
from projections.readmodels.redis.target import RedisTarget, open_redis
from projections.readmodels.rows import Row
from projections.readmodels.target import Change, Checkpoint, Step, count_totals

CREATORS = 23
PER_STEP = 5
EVENT = b'{"of":"%s"}' % (b"the usual size" * 20)
_opened: list[RedisTarget] = []
_prefixes = (f"w{n}" for n in count())


def opened(url: str, prefix: str = "", **more: float) -> RedisTarget:
    """The one shard there; without a prefix in keys of its own."""
    (target,) = open_redis(url, prefix=prefix or next(_prefixes), **more)  # type: ignore[arg-type]
    _opened.append(target)
    return target


def close_all() -> None:
    while _opened:
        _opened.pop().close()


def mark(position: int) -> Checkpoint:
    return Checkpoint(position=position, clock=position, law="law", log="log")


def row_at(creator: int, step: int) -> Row:
    due = None if step % 3 == 0 else step * HOUR
    return row(f"c{creator}", score=step % 11, due=due, as_of=step)


def _creators(step: int) -> list[int]:
    return sorted({(step * PER_STEP + n * n) % CREATORS for n in range(PER_STEP)})


def step(number: int) -> Step:
    """From checkpoint `number - 1` to `number`; the first begins the generation."""
    return Step(
        generation=1,
        before=None if number == 1 else mark(number - 1),
        after=mark(number),
        rows=[row_at(c, number) for c in _creators(number)],
        changes=[Change(f"{number}:{c}", f"c{c}", EVENT) for c in _creators(number)],
    )


def reached(target: RedisTarget) -> int:
    """The checkpoint; 0 where there is none."""
    held = target.generations()
    return held[0].checkpoint.position if held else 0


def follow(target: RedisTarget, until: int, owner: str = "me") -> None:
    """What a runner does: read the checkpoint, and go on from there."""
    for number in range(reached(target) + 1, until + 1):
        target.apply(step(number), owner, LEASE)


def assert_exact(target: RedisTarget) -> None:
    """Rows, every index and the distribution are those of the checkpoint, and no others."""
    last: dict[int, Row] = {}
    for number in range(1, reached(target) + 1):
        last.update((c, row_at(c, number)) for c in _creators(number))
    rows = list(last.values())
    counted: dict[str, int] = {}
    for one in rows:
        count_totals(counted, one)
    assert target.inspect(1, rows) == {}
    assert target.totals(1) == counted
    assert target.creators(1) == sorted(one.creator for one in rows)
    due = {one.creator for one in rows if one.next_change_at is not None}
    assert set(target.due(1, 10**18, 1000)) == due
