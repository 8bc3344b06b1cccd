"""The stored bytes: golden for ever, the same for both libraries, of any version, or refused."""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import fact_strategies
import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError, StoreError
from ledger.facts import codec
from ledger.facts.cloudevents import parse
from ledger.facts.envelope import Envelope
from ledger.facts.types import TYPE_NAME, CreatorEnrolled, ExamSat, ViolationFound

ROOT = Path(__file__).parents[2]
GOLDEN = sorted((ROOT / "tests" / "golden" / "codec").glob("v*/*.json"))


def many(*states: bytes) -> list[Envelope]:
    return codec.decode_many(states, lambda: range(9, 9 + len(states)))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_golden_bytes_are_read_for_ever_and_written_the_same(path: Path) -> None:
    golden = json.loads(path.read_text())
    state = bytes.fromhex(golden["bytes"])
    said = parse(
        json.dumps(golden["cloudevent"]), file=path.name, line_no=1, trust_recorded_times=True
    )
    assert isinstance(said, Envelope)
    placed = msgspec.structs.replace(said, **golden["place"])
    assert codec.decode(state) == placed
    if path.parent.name == f"v{codec.VERSION}":
        assert codec.encode(placed) == state


def test_every_type_has_golden_bytes() -> None:
    current = {p.name.split(".")[0] for p in GOLDEN if p.parent.name == f"v{codec.VERSION}"}
    assert current == set(TYPE_NAME.values())


def test_the_golden_script_agrees_and_never_rewrites(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "golden_codec.py"
    assert subprocess.run([sys.executable, script], cwd=ROOT, check=False).returncode == 0
    copy = tmp_path / "scripts" / "golden_codec.py"
    copy.parent.mkdir()
    copy.write_text(script.read_text())
    folder = tmp_path / "tests" / "golden" / "codec" / f"v{codec.VERSION}"
    folder.mkdir(parents=True)
    changed = folder / "exam_sat.bare.json"
    changed.write_text('{"bytes": "00"}')
    made = subprocess.run(
        [sys.executable, copy, "--add-missing"], cwd=ROOT, check=False, capture_output=True
    )
    assert made.returncode == 1
    assert b"exam_sat.bare.json differs" in made.stdout
    assert changed.read_text() == '{"bytes": "00"}'


@given(fact_strategies.envelopes(), fact_strategies.INSTANTS)
def test_what_is_written_is_read_back_and_both_libraries_read_it(e: Envelope, at: int) -> None:
    e = msgspec.structs.replace(e, recorded_at=at, position=5, version=2)
    state = codec.encode(e)
    assert codec.decode(state) == e
    assert many(*[state] * 3) == [e] * 3
    plain = msgpack.unpackb(state)
    assert plain == msgspec.msgpack.decode(state)
    assert plain[:5] == [codec.VERSION, e.source, e.id, e.subject, e.effective_at]
    assert msgpack.packb(plain) == state
    codec.canonical([state], [e])


ENROLLED = Envelope("s", "e", "c", 1, CreatorEnrolled("douyin-creator"), 99, 1, 1)
KIND = ["creator_enrolled", "douyin-creator", None, None]


def test_an_older_layout_is_lifted_step_by_step() -> None:
    """Version -1 had no place, version 0 no attributes."""
    upcasters = {
        -1: lambda a: [0, *a[1:], 1, 1],
        0: lambda a: [1, *a[1:], None],
    }
    oldest = msgpack.packb([-1, "s", "e", "c", 1, KIND, 99])
    older = msgpack.packb([0, "s", "e", "c", 1, KIND, 99, 1, 1])
    now = codec.encode(ENROLLED)
    assert [codec.decode(state, 1, upcasters) for state in (oldest, older, now)] == [ENROLLED] * 3


def test_many_rows_of_mixed_layouts_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(codec.UPCASTERS, 0, lambda a: [1, *a[1:], None])
    older = msgpack.packb([0, "s", "e", "c", 1, KIND, 99, 1, 1])
    assert many(older, codec.encode(ENROLLED)) == [ENROLLED] * 2


def test_a_newer_layout_is_refused_with_the_remedy() -> None:
    state = msgpack.packb([2, "s", "e", "c", 1, KIND])
    with pytest.raises(StoreError, match=r"position 9 was written by a newer version.*upgrade"):
        many(state)


GOOD = codec.encode(ENROLLED)
NOT_A_FACT = {
    "nothing": b"",
    "cut": GOOD[:-2],
    "more": GOOD + b"\x00",
    "no array": msgpack.packb({"a": 1}),
    "empty array": b"\x90",
    "unknown type": msgpack.packb([1, "s", "e", "c", 1, ["no_such_type"]]),
    "unknown version": msgpack.packb([-7, "s"]),
    "wrong type": msgpack.packb([1, "s", "e", "c", "1", ["creator_enrolled"]]),
    "NaN": msgpack.packb([1, "s", "e", "c", float("nan"), ["creator_enrolled"]]),
    "extension": msgpack.packb([1, "s", "e", "c", msgpack.ExtType(5, b"x"), ["creator_enrolled"]]),
    "not UTF-8": GOOD.replace(b"douyin", b"\xff\xfeuyin"),
    "4 G claimed": b"\xdd\xff\xff\xff\xff",
    "deep": b"\x91" * 200_000,
}


@pytest.mark.parametrize("state", NOT_A_FACT.values(), ids=NOT_A_FACT)
def test_bytes_that_are_no_fact_are_refused_in_a_sentence(state: bytes) -> None:
    with pytest.raises(StoreError, match=r"position 9 can't be read .*restore it from a backup"):
        many(state)


@given(st.integers(0, len(GOOD) * 8 - 1))
def test_a_flipped_bit_never_raises_anything_else(bit: int) -> None:
    flipped = bytearray(GOOD)
    flipped[bit // 8] ^= 1 << bit % 8
    with suppress(StoreError):
        many(bytes(flipped))


@pytest.mark.parametrize(
    "fact",
    [
        ExamSat("v", 100_01),
        ExamSat("v", -1),
        ExamSat("v", 1.5),  # type: ignore[arg-type]
        ViolationFound("v", "misleading", "no_such_word"),  # type: ignore[arg-type]
        ViolationFound("v", "misleading", "other", measures=["warning"]),  # type: ignore[arg-type]
    ],
    ids=str,
)
def test_a_fact_out_of_range_is_not_written(fact: ExamSat | ViolationFound) -> None:
    e = Envelope("s", "e", "c", 1, fact)
    with pytest.raises(InputError, match="can't be recorded"):
        codec.canonical([codec.encode(e)], [e])
