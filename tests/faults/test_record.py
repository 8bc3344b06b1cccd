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


def test_a_creator_whose_name_has_become_a_number(tmp_path: Path) -> None:
    """SQLite then has it before all texts, where no list of names begins."""
    file = SQLiteFile(tmp_path, 40)
    before = dict(answers(file.url, file.asked))
    text, number = (bytes([kind]) for kind in (13 + 2 * len("ann"), 3))
    [cell] = {
        row for n in range(128) if (row := b"\x03" + text + bytes([n]) + b"ann") in file.bytes
    }
    at = file.bytes.index(cell) + 1

    def do() -> None:
        Path(file.url.removeprefix("sqlite:///")).write_bytes(
            file.bytes[:at] + number + file.bytes[at + 1 :]
        )

    made = flip(file, before, ("streams", do))
    assert made is not None
    assert (made.wrong, made.outcome) == ((), "refused")
