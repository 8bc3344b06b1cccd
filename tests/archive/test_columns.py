"""Rows of the archive are those that each creator's history gives by itself."""

from pathlib import Path

import archives
import everything
import numpy as np
import pytest

from ledger.facts.envelope import Envelope, known, replay_order
from ledger.rulebook.shelf import Shelf
from projections.archive.reading import Archive
from projections.standing.history import build
from projections.standing.replay import Library
from projections.standing.tables import Tables
from replay.population.archived import columns, load
from replay.population.columns import Columns

SHIPPED = Library(Shelf())
BOOKS = {
    "everything": everything.library().tables("everything"),
    "douyin-creator": SHIPPED.tables("douyin-creator"),
    "community-convention": SHIPPED.tables("community-convention"),
}


def alone(
    streams: dict[str, list[Envelope]], names: list[str], tables: Tables, as_of: int, known_at
) -> Columns:
    histories = []
    for name in names:
        kept, retracted, by_id = known(streams[name], known_at)
        listed = replay_order(kept, retracted, as_of)
        ruled = [e for e in listed if e.position not in retracted]
        histories.append(build(ruled, tables, by_id))
    return Columns(histories, tables)


@pytest.mark.parametrize("times", [(1.0, None), (0.7, None), (1.0, 0.6), (0.8, 0.8)])
@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("seed", range(3))
def test_rows_are_as_history_builds_them(
    book: str, times: tuple[float, float | None], seed: int, tmp_path: Path
) -> None:
    placed = archives.history(seed)
    archives.write(tmp_path, placed, group=50)
    instants = sorted(e.effective_at for e in placed)
    as_of = instants[int(times[0] * (len(instants) - 1))]
    known_at = None if times[1] is None else int(times[1] * len(placed))
    streams = archives.streams(placed)
    for task in Archive.open(str(tmp_path)).tasks(60):
        part = load(task, known_at=known_at)
        got = columns(part, BOOKS[book], as_of=as_of, known_at=known_at)
        want = alone(streams, part.names.to_pylist(), BOOKS[book], as_of, known_at)
        same(got, want)


def same(got: Columns, want: Columns) -> None:
    for name in ("starts", "first_measures"):
        assert getattr(got, name).tolist() == getattr(want, name).tolist(), name
    for name in ("facts", "sizes", "measures"):
        mine, other = getattr(got, name), getattr(want, name)
        for field in other.dtype.names:
            assert np.array_equal(mine[field], other[field]), (name, field)
