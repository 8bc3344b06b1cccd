"""A large file is read by a second process: what is recorded, refused and counted is the same."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exchange.tables import AT, FOUND, HEADER, written
from ledger.errors import LedgerError
from ledger.exchange import ahead, intake
from ledger.exchange.ahead import Page
from ledger.exchange.intake import How, import_jsonl
from ledger.exchange.table_import import import_table
from ledger.exchange.tally import Tally
from ledger.facts.cloudevents import encode
from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled
from ledger.log.port import Log, open_log

ROOT = Path(__file__).parents[2]
ALONE, TOGETHER = 1 << 60, 0
Import = Callable[[Path, Log, How], Tally]


def lines(folder: Path, log: Log, how: How) -> Tally:
    facts = [encode(Envelope("s", f"e{n}", f"c{n % 3}", n, CreatorEnrolled())) for n in range(60)]
    facts[7], facts[33], facts[40] = "{", facts[3], facts[5].replace("c2", "c9")
    facts[50] = facts[50].replace('"time"', '"recordedtime": "2020-01-01T00:00:00Z", "time"')
    (folder / "in.jsonl").write_text("\n".join(facts) + "\n")
    return import_jsonl(folder / "in.jsonl", log, how)


def rows(folder: Path, log: Log, how: How) -> Tally:
    mapping = written(folder, FOUND + '[[skip]]\nwhy = "a test"\nwhen = { kind = "test" }\n')
    table = [f"{n},mei,{AT},{'test' if n % 9 == 0 else 'x'}," for n in range(60)]
    table[20] = "20,mei,never,x,"
    (folder / "in.csv").write_text("\n".join((HEADER, *table)) + "\n")
    return import_table(folder / "in.csv", mapping, log, how)


def told(tally: Tally) -> dict[str, object]:
    """All of an account but what two imports never share."""
    fields = {name: getattr(tally, name) for name in tally.__struct_fields__}
    return {name: value for name, value in fields.items() if name not in ("id", "aside")}


def outcome(run: Import, folder: Path, log: Log) -> tuple[object, ...]:
    tally = run(folder, log, How(page=8, rejects=folder / "bad"))
    facts = [(e.id, e.subject, e.effective_at, e.fact, e.position) for e in log.after(0)]
    why = (folder / "bad.why").read_text("utf-8").replace(str(folder), "")
    return told(tally), facts, (folder / "bad").read_bytes(), why


def imported(run: str, how: str, folder: str) -> None:
    """In a process of its own, which has no other thread: prints what became of an import.

    The last line is whether each look for pages of a second process was one to its end.
    """
    seen: list[bool] = []
    pages = ahead.Ahead.__iter__

    def watched(self: ahead.Ahead) -> Iterator[Page]:
        yield from pages(self)
        seen.append(self.finished)

    here = vars(sys.modules[__name__])
    world = pytest.MonkeyPatch()
    world.setattr(ahead.Ahead, "__iter__", watched)
    world.setattr(intake, "WORTH", ALONE if how == "alone" else TOGETHER)
    if how == "can't be had":
        world.setattr("threading.active_count", lambda: 2)
    elif how in ("dies", "is cut off"):
        world.setattr(ahead, "_encode", failing(cut=how == "is cut off"))
    with open_log(f"sqlite:///{folder}/ledger.db", create=True) as log:
        print(repr(outcome(here[run], Path(folder), log)))
    print(seen)


def became(run: str, how: str, folder: Path) -> tuple[str, str]:
    folder.mkdir()
    command = (
        f"from exchange.test_ahead import imported; imported({run!r}, {how!r}, {str(folder)!r})"
    )
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
    done = subprocess.run(
        [sys.executable, "-c", command],
        env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    said, seen = done.stdout.splitlines()
    return said, seen


@pytest.mark.parametrize("run", ["lines", "rows"])
def test_it_comes_to_the_same_and_where_the_second_fails_the_first_goes_on(
    run: str, tmp_path: Path
) -> None:
    alone, seen = became(run, "alone", tmp_path / "alone")
    assert seen == "[]"
    for how, finished in (
        ("together", True), ("dies", False), ("is cut off", False), ("can't be had", False),
    ):  # fmt: skip
        assert became(run, how, tmp_path / how) == (alone, f"[{finished}]"), how


def failing(*, cut: bool) -> Callable[[Page], bytes]:
    """The third page is sent by half, or not at all; nothing comes after it."""
    sent: list[bytes] = []
    encode_ = ahead._encode

    def send(page: Page) -> bytes:
        if len(sent) == 2 + cut:
            os._exit(9)
        sent.append(encode_(page))
        return Half(sent[-1]) if len(sent) == 3 else sent[-1]

    return send


class Half(bytes):
    """Says that it is longer than it is."""

    def __len__(self) -> int:
        return 2 * super().__len__()


def test_an_error_of_reading_is_that_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table breaks after some pages: what came before is kept, and the sentence is the same."""
    said = []
    for name, worth in (("alone", ALONE), ("together", TOGETHER)):
        folder = tmp_path / name
        folder.mkdir()
        mapping = written(folder, FOUND)
        table = [f"{n},mei,{AT},x," for n in range(40)]
        data = "\n".join((HEADER, *table)).encode() + b"\n\xff\xfe,mei\n"
        (folder / "in.csv").write_bytes(data)
        monkeypatch.setattr(intake, "WORTH", worth)
        with open_log(f"sqlite:///{folder}/ledger.db", create=True) as log:
            try:
                tally = import_table(folder / "in.csv", mapping, log, How(page=8))
                said.append((told(tally), len(log.after(0))))
            except LedgerError as error:
                said.append((str(error), len(log.after(0))))
    assert said[0] == said[1]
