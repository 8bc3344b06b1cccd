"""A file into the log: good lines kept, bad ones set aside, a lost import goes on."""

import errno
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.errors import InputError, StoreError
from ledger.exchange import rejects as rejects_of
from ledger.exchange.intake import How, import_jsonl
from ledger.exchange.tally import Tally
from ledger.facts.cloudevents import encode
from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled
from ledger.log.port import Log, open_log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(f"sqlite:///{tmp_path}/ledger.db", create=True) as opened:
        yield opened


def line(n: int, **more: object) -> str:
    return encode(Envelope("s", f"e{n}", f"c{n % 3}", n, CreatorEnrolled(), **more))  # type: ignore[arg-type]


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(one + "\n" for one in lines), encoding="utf-8")
    return path


def counts(tally: Tally) -> tuple[int, int, int, int]:
    return tally.recorded, tally.duplicates, tally.conflicts, tally.refused


def test_good_lines_are_kept_and_bad_ones_set_aside(tmp_path: Path, log: Log) -> None:
    other = line(0).replace("c0", "c9")
    file = write(tmp_path / "in.jsonl", line(0), "{", line(1), line(0), other, '{"type":"x"}')
    rejects = tmp_path / "bad.jsonl"
    tally = import_jsonl(file, log, How(page=2, rejects=rejects))
    assert counts(tally) == (2, 1, 1, 2)
    assert not tally.clean
    assert [e.id for e in log.after(0)] == ["e0", "e1"]
    assert sorted(rejects.read_text().splitlines()) == sorted(["{", other, '{"type":"x"}'])
    why = (tmp_path / "bad.jsonl.why").read_text().splitlines()
    assert set(why[:-1]) == {str(reason.first) for reason in tally.reasons}
    assert "in.jsonl, line 2, fact: found malformed JSON" in why[0]
    assert why[1] == (
        'in.jsonl, line 5, subject: found "c9"; wanted "c0", as the fact at position 1 has, or a '
        "source and id of its own"
    )


def test_a_clean_file_leaves_no_rejects_and_takes_old_ones_away(tmp_path: Path, log: Log) -> None:
    file = write(tmp_path / "in.jsonl", line(0))
    old, why = tmp_path / "bad.jsonl", tmp_path / "bad.jsonl.why"
    write(file, "{")
    assert not import_jsonl(file, log, How(rejects=old)).clean
    assert old.exists()
    assert why.exists()
    write(file, line(0))
    assert import_jsonl(file, log, How(rejects=old)).clean
    assert not old.exists()
    assert not why.exists()


def test_what_is_no_reject_file_is_never_touched(tmp_path: Path, log: Log) -> None:
    good, bad = write(tmp_path / "in.jsonl", line(0)), write(tmp_path / "bad.jsonl", "{")
    notes = write(tmp_path / "notes.txt", "mine")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for path in (notes, *(tmp_path / name for name in ("folder", "pipe", "ledger.db"))):
        for file in (good, bad):
            with pytest.raises(InputError, match="is there already and holds no rejects"):
                import_jsonl(file, log, How(rejects=path))
    assert notes.read_text() == "mine\n"
    assert log.head() == 0


@pytest.mark.parametrize("broken", ["write", "flush", "close", "fileno"])
def test_rejects_on_a_full_disk_stop_the_import_in_one_sentence(
    broken: str, tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        pass

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    setattr(Full, broken, full)
    file, rejects = write(tmp_path / "in.jsonl", line(0), "{"), tmp_path / "bad.jsonl"
    monkeypatch.setattr(rejects_of, "opened", lambda path, _: Full(path, "x"))
    with pytest.raises(InputError, match=r"rejects can't be written to .*: No space left"):
        import_jsonl(file, log, How(rejects=rejects))


def test_a_file_whose_name_is_no_text_is_refused_like_another(tmp_path: Path, log: Log) -> None:
    file = write(tmp_path / os.fsdecode(b"\xff.jsonl"), "{")
    assert import_jsonl(file, log, How(rejects=tmp_path / "bad.jsonl")).refused == 1
    assert (tmp_path / "bad.jsonl.why").read_text().startswith("\\udcff.jsonl, line 1")


def test_twice_is_once(tmp_path: Path, log: Log) -> None:
    file = write(tmp_path / "in.jsonl", *[line(n) for n in range(10)])
    assert counts(import_jsonl(file, log, How(page=3))) == (10, 0, 0, 0)
    assert counts(import_jsonl(file, log, How(page=4))) == (0, 10, 0, 0)
    assert log.head() == 10


def test_line_ends_blank_lines_and_marks_of_other_systems(tmp_path: Path, log: Log) -> None:
    file = tmp_path / "in.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + f"{line(0)}\r\n\r\n  \n{line(1)}\n{line(2)}".encode())
    assert counts(import_jsonl(file, log)) == (3, 0, 0, 0)
    (tmp_path / "none.jsonl").touch()
    assert counts(import_jsonl(tmp_path / "none.jsonl", log)) == (0, 0, 0, 0)


def test_a_huge_line_is_refused_and_the_next_is_read(tmp_path: Path, log: Log) -> None:
    huge = "x" * 300_000
    file = write(tmp_path / "in.jsonl", line(0), huge, line(1), "y" * 65_537, line(2))
    tally = import_jsonl(file, log)
    assert counts(tally) == (3, 0, 0, 2)
    (reason,) = tally.reasons
    assert (reason.count, reason.first.line, reason.first.wanted) == (2, 2, "at most 64 KiB")
    assert reason.first.found == "300001 bytes"
    unfinished = tmp_path / "unfinished.jsonl"
    unfinished.write_text(huge)
    assert counts(import_jsonl(unfinished, log)) == (0, 0, 0, 1)


def test_recorded_times_count_in_a_migration_only(tmp_path: Path, log: Log) -> None:
    lines = [line(0, recorded_at=77), line(1), line(2, recorded_at=4_000_000_000_000_000)]
    file = write(tmp_path / "in.jsonl", *lines)
    with open_log(f"sqlite:///{tmp_path}/other.db", create=True) as other:
        tally = import_jsonl(file, other)
        assert (counts(tally), tally.ignored_recorded_times) == ((3, 0, 0, 0), 2)
        assert all(e.recorded_at > 10**15 for e in other.after(0))
    tally = import_jsonl(file, log, How(trust=True))
    assert (counts(tally), tally.ignored_recorded_times) == ((2, 0, 0, 1), 0)
    assert [e.recorded_at == 77 for e in log.after(0)] == [True, False]
    assert str(tally.reasons[0].first).startswith(
        "in.jsonl, line 3, recordedtime: found an instant to"
    )


class LostError(Exception):
    pass


def test_a_lost_import_goes_on_where_it_stopped(tmp_path: Path, log: Log) -> None:
    lines = [line(n) if n % 4 else "{" for n in range(20)]
    file, rejects = write(tmp_path / "in.jsonl", *lines), tmp_path / "bad.jsonl"

    def lost(done: int, size: int) -> None:
        assert 0 < done <= size == file.stat().st_size
        if log.head() >= 6:
            raise LostError

    with pytest.raises(LostError):
        import_jsonl(file, log, How(page=4, rejects=rejects, progress=lost))
    assert log.head() == 6
    tally = import_jsonl(file, log, How(page=4, rejects=rejects))
    assert (tally.resumed_at, tally.lines, *counts(tally)) == (8, 20, 15, 0, 0, 5)
    assert log.head() == 15
    assert rejects.read_text() == "{\n" * 5
    assert import_jsonl(file, log).resumed_at == 0, "what is finished is forgotten"


def test_a_changed_file_is_read_from_its_start(tmp_path: Path, log: Log) -> None:
    file = write(tmp_path / "in.jsonl", *[line(n) for n in range(4)])

    def lost(_done: int, _size: int) -> None:
        raise LostError

    with pytest.raises(LostError):
        import_jsonl(file, log, How(page=2, progress=lost))
    write(file, *[line(n) for n in range(3, -1, -1)])
    os.utime(file, ns=(1, 1))
    assert counts(import_jsonl(file, log)) == (2, 2, 0, 0)


KILLED = """
import os, signal, sys
from pathlib import Path
from ledger.exchange import rejects as rejects_of
from ledger.exchange.intake import How, import_jsonl
from ledger.log.port import open_log
def progress(done, size):
    if done > size / 2:
        os.kill(os.getpid(), signal.SIGKILL)
with open_log(sys.argv[2]) as log:
    import_jsonl(Path(sys.argv[1]), log, How(page=10, progress=progress))
"""


def test_a_killed_import_loses_and_doubles_nothing(tmp_path: Path, log: Log) -> None:
    file = write(tmp_path / "in.jsonl", *[line(n) for n in range(100)])
    url = f"sqlite:///{tmp_path}/ledger.db"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(file), url], check=False)
    assert killed.returncode == -9
    assert 50 <= log.head() < 100
    tally = import_jsonl(file, log)
    assert 0 < tally.resumed_at < tally.recorded == 100
    assert [e.id for e in log.after(0)] == [f"e{n}" for n in range(100)]


def test_files_that_can_not_be_used(tmp_path: Path, log: Log) -> None:
    with pytest.raises(InputError, match=r"'.*none.jsonl' can't be read: No such file"):
        import_jsonl(tmp_path / "none.jsonl", log)
    with pytest.raises(InputError, match="can't be read: Is a directory"):
        import_jsonl(tmp_path, log)
    file = write(tmp_path / "in.jsonl", "{")
    with pytest.raises(InputError, match="can't take its own rejects"):
        import_jsonl(file, log, How(rejects=tmp_path / "." / "in.jsonl"))
    with pytest.raises(InputError, match="rejects can't be written to"):
        import_jsonl(file, log, How(rejects=tmp_path / "no" / "bad.jsonl"))
    assert file.read_text() == "{\n"


def test_a_store_that_fails_midway_keeps_whole_pages(tmp_path: Path, log: Log) -> None:
    file = write(tmp_path / "in.jsonl", *[line(n) for n in range(6)])
    append = log.append
    pages: list[int] = []

    def failing(facts: list[Envelope], **more: object) -> object:
        pages.append(len(facts))
        if len(pages) == 3:
            raise StoreError("the disk is full")
        return append(facts, **more)  # type: ignore[arg-type]

    log.append = failing  # type: ignore[method-assign,assignment]
    with pytest.raises(StoreError):
        import_jsonl(file, log, How(page=2))
    log.append = append  # type: ignore[method-assign]
    assert log.head() == 4
    assert counts(import_jsonl(file, log)) == (6, 0, 0, 0)
