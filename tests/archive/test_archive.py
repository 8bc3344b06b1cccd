"""What is in the archive is what is in the log, and comes in the order of replay."""

import zlib
from pathlib import Path

import archives
import fact_strategies
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.facts.codec import encode
from ledger.facts.envelope import Envelope, known, replay_order
from projections.archive.decoded import Decoded
from projections.archive.envelopes import envelopes
from projections.archive.plan import Archive
from projections.archive.reading import read
from projections.archive.source import padded

FEW = st.sampled_from(["a", "b", "mei", "\U00010000", "é"])


@settings(max_examples=15)
@given(st.lists(fact_strategies.envelopes(FEW), min_size=1, max_size=30), st.integers(1, 9))
def test_every_fact_comes_back_field_by_field(facts: list[Envelope], group: int) -> None:
    placed = archives.placed(facts)
    with archives.written(placed, group=group) as folder:
        back = [e for task in Archive.open(folder).tasks() for e in _facts(task)]
    assert sorted(back, key=lambda e: e.position) == placed


@pytest.mark.parametrize("seed", range(4))
def test_rows_stand_by_partition_creator_and_order_of_replay(seed: int, tmp_path: Path) -> None:
    placed = archives.history(seed)
    archives.write(tmp_path, placed, group=7)
    back = [e for task in Archive.open(str(tmp_path)).tasks(20) for e in _facts(task)]
    streams = archives.streams(placed)
    wanted = []
    for name in sorted(streams, key=lambda c: (zlib.crc32(c.encode()) % archives.PARTITIONS, c)):
        kept, retracted, _ = known(streams[name], None)
        wanted += replay_order(kept, retracted)
    assert back == wanted


def test_what_says_to_be_longer_than_the_bytes_is_not_read() -> None:
    stored = encode(archives.history(0)[0])
    assert stored.endswith(b"\xc0"), "without attributes"
    assert Decoded(padded(stored)).end == len(stored)
    cut = [stored[:n] for n in range(len(stored))]
    for broken in (*cut, stored[:-1] + b"\xda\xff\xff", stored[:-1] + b"\xde\xff\xff"):
        assert Decoded(padded(broken)).end == 0


def _facts(task):  # type: ignore[no-untyped-def]
    for creator in envelopes(read(task)):
        yield from creator
