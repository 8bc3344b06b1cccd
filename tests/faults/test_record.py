"""A few of what `scripts/campaign record` does by the thousand, and that it sees what it should."""

import shutil
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from .answers import answers
from .flips import SQLiteFile, flip
from .kills import Kills
from .power import Power
from .swaps import SWAPS, swaps

traced = pytest.mark.skipif(not shutil.which("strace"), reason="install strace: it is no wheel")


def test_a_flip_anywhere_is_told_or_makes_no_difference(tmp_path: Path) -> None:
    file = SQLiteFile(tmp_path, 40)
    before = dict(answers(file.url, file.asked))
    assert not any(isinstance(answer, str) for answer in before.values())
    made = [flip(file, before, one) for one in islice(file.flips(Random(3)), 80)]
    assert [one for one in made if one and one.wrong] == []
    assert {one.outcome for one in made if one} == {"refused", "found by verify", "no difference"}


@traced
def test_power_is_lost_while_lines_are_set_aside(tmp_path: Path) -> None:
    states = islice(Power(tmp_path / "p", "import a table").states(Random(3)), 120)
    assert [ended for ended in states if not ended.clean] == []


@traced
def test_what_was_never_synced_is_seen_to_be_lost(tmp_path: Path) -> None:
    states = islice(Power(tmp_path / "p", "import", ignored="sync").states(Random(3)), 200)
    assert any(ended.lost for ended in states)


@traced
def test_a_record_is_killed_at_some_of_its_calls(tmp_path: Path) -> None:
    kills = Kills(tmp_path / "k", "record")
    assert len(kills.calls) > 50
    assert [end for n in kills.calls[::12] if not (end := kills.kill(n)).clean] == []


TEXT = 13 + 2 * len("ann")
"""What SQLite writes before a text of three letters."""
BYTES: dict[str, tuple[bytes, int, int, str]] = {
    # SQLite has a number before all texts, where no list of names begins
    "a creator's name as a number": (bytes([3, TEXT, 1]) + b"ann", 1, 3, "refused"),
    "a creator's name as nothing": (bytes([3, TEXT, 1]) + b"ann", 1, 0, "refused"),
    "another position in an index": (bytes([4, TEXT, 1, 1]) + b"ann\x0a", 8, 35, "refused"),
    "a page without its hash": (bytes([4, 0, 1, 76]), 3, 0, "found by verify"),
}


@pytest.mark.parametrize(("cell", "at", "byte", "outcome"), BYTES.values(), ids=BYTES)
def test_one_byte_of_the_file_is_another(
    cell: bytes, at: int, byte: int, outcome: str, tmp_path: Path
) -> None:
    file = SQLiteFile(tmp_path, 40)
    before = dict(answers(file.url, file.asked))
    place = file.bytes.rindex(cell) + at

    def do() -> None:
        Path(file.url.removeprefix("sqlite:///")).write_bytes(
            file.bytes[:place] + bytes([byte]) + file.bytes[place + 1 :]
        )

    made = flip(file, before, ("it", do))
    assert made is not None
    assert (made.wrong, made.outcome) == ((), outcome)


def test_a_file_that_another_takes_the_place_of(tmp_path: Path) -> None:
    made = list(islice(swaps(tmp_path, Random(3)), 3 * len(SWAPS)))
    assert [(name, ended) for name, ended in made if not ended.clean] == []
