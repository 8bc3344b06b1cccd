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
