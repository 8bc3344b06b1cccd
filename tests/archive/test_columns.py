"""Rows of the archive are those that each creator's history gives by itself."""

import pickle
from pathlib import Path

import archives
import everything
import numpy as np
import pytest
from killing import carry
from test_kept_up import recorded

from ledger.facts import types as f
from ledger.facts.envelope import Envelope, known, replay_order
from ledger.rulebook.shelf import Shelf
from projections.archive.plan import Archive
from projections.fold.state import FOREVER
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
    book: str,
    times: tuple[float, float | None],
    seed: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    placed = archives.history(seed)
    archives.write(tmp_path, placed, group=50)
    instants = sorted(e.effective_at for e in placed)
    as_of = instants[int(times[0] * (len(instants) - 1))]
    known_at = None if times[1] is None else int(times[1] * len(placed))
    streams = archives.streams(placed)
    for task in Archive.open(str(tmp_path)).tasks(60):
        part = load(task, known_at=known_at)
        want = alone(streams, part.names.to_pylist(), BOOKS[book], as_of, known_at)
        for interpreted in ("0", "1"):
            monkeypatch.setenv("PENALTY_LEDGER_INTERPRETED", interpreted)
            same(columns(part, BOOKS[book], as_of=as_of, known_at=known_at), want)


@pytest.mark.parametrize("known_at", [None, 330])
@pytest.mark.parametrize("scheme", ["", "file", "memory"])
def test_rows_are_the_same_where_facts_came_later(
    scheme: str, known_at: int | None, small: None, tmp_path: Path
) -> None:
    placed, url = archives.history(11), f"sqlite:///{tmp_path}/l.db"
    for first, last in ((0, 300), (300, 335), (335, 340), (340, 371)):
        recorded(url, placed[first:last])
        carry(url, tmp_path / "archive")
    where = archives.moved(tmp_path / "archive", scheme)
    assert any(task.added for task in Archive.open(where).tasks())
    names = []
    for task in Archive.open(where).tasks():
        part = load(pickle.loads(pickle.dumps(task)), known_at=known_at)
        got = columns(part, BOOKS["everything"], known_at=known_at)
        streams = archives.streams(placed[:371])
        names += part.names.to_pylist()
        same(got, alone(streams, part.names.to_pylist(), BOOKS["everything"], FOREVER, known_at))
    assert sorted(names) == sorted({e.subject for e in placed})


def same(got: Columns, want: Columns) -> None:
    for name in ("starts", "first_measures"):
        assert getattr(got, name).tolist() == getattr(want, name).tolist(), name
    for name in ("facts", "sizes", "measures"):
        mine, other = getattr(got, name), getattr(want, name)
        for field in other.dtype.names:
            assert np.array_equal(mine[field], other[field]), (name, field)


def test_batches_and_what_is_imposed_and_lifted(tmp_path: Path) -> None:
    """Batches of one name at one instant and at another, with others between; measures again."""

    def found(n: int, batch: str | None) -> f.ViolationFound:
        return f.ViolationFound(f"v{n}", "spam", "other", batch=batch, measures=("warning",))

    facts: list[f.Fact] = [f.CreatorEnrolled(rulebook="everything")]
    facts += [found(n, batch) for n, batch in enumerate(("a", "b", None, "a", "b", "a", "c"))]
    facts += [f.MeasureImposed("frozen", "risk"), f.MeasureImposed("frozen", "risk")]
    facts += [f.MeasureLifted("frozen", "risk"), f.MeasureLifted("frozen", "risk")]
    facts += [f.MeasureImposed("frozen", "risk"), found(9, "a"), found(8, "a")]
    instants = [archives.START] * 8 + [archives.START + 5] * 7
    made = zip(instants, facts, strict=True)
    placed = archives.placed([Envelope("s", "e", "mei", at, fact) for at, fact in made])
    archives.write(tmp_path, placed)
    (task,) = Archive.open(str(tmp_path)).tasks()
    got = columns(load(task), BOOKS["everything"])
    same(got, alone({"mei": placed}, ["mei"], BOOKS["everything"], FOREVER, None))
    assert sorted(got.facts["batch"].tolist())[-3:] == [1, 1, 2]
