"""A large file is read by a second process: what is recorded, refused and counted is the same."""

import os
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


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[dict[str, tuple[Path, Log]]]:
    found = {}
    for name in ("alone", "together"):
        (tmp_path / name).mkdir()
        url = f"sqlite:///{tmp_path / name}/ledger.db"
        found[name] = tmp_path / name, open_log(url, create=True)
    yield found
    for _, log in found.values():
        log.close()


def told(tally: Tally) -> dict[str, object]:
    """All of an account but what two imports never share."""
    fields = {name: getattr(tally, name) for name in tally.__struct_fields__}
    return {name: value for name, value in fields.items() if name not in ("id", "aside")}


def outcome(run: Import, folder: Path, log: Log) -> tuple[object, ...]:
    tally = run(folder, log, How(page=8, rejects=folder / "bad"))
    facts = [(e.id, e.subject, e.effective_at, e.fact, e.position) for e in log.after(0)]
    why = (folder / "bad.why").read_text("utf-8").replace(str(folder), "")
    return told(tally), facts, (folder / "bad").read_bytes(), why


@pytest.mark.parametrize("run", [lines, rows])
def test_it_comes_to_the_same(
    run: Import, worlds: dict[str, tuple[Path, Log]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "WORTH", ALONE)
    alone = outcome(run, *worlds["alone"])
    forks = forked(monkeypatch)
    monkeypatch.setattr(intake, "WORTH", TOGETHER)
    assert outcome(run, *worlds["together"]) == alone
    assert forks == [True]


def forked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each look for pages by a second process was one to its end."""
    seen: list[bool] = []
    pages = ahead.Ahead.__iter__

    def watched(self: ahead.Ahead) -> Iterator[Page]:
        yield from pages(self)
        seen.append(self.finished)

    monkeypatch.setattr(ahead.Ahead, "__iter__", watched)
    return seen


@pytest.mark.parametrize("how", ["dies", "is cut off", "can't be had"])
@pytest.mark.parametrize("run", [lines, rows])
def test_where_the_second_process_fails_the_first_goes_on(
    run: Import, how: str, worlds: dict[str, tuple[Path, Log]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "WORTH", ALONE)
    alone = outcome(run, *worlds["alone"])
    forks = forked(monkeypatch)
    monkeypatch.setattr(intake, "WORTH", TOGETHER)
    if how == "can't be had":
        monkeypatch.setattr("threading.active_count", lambda: 2)
    else:
        monkeypatch.setattr(ahead, "_encode", failing(cut=how == "is cut off"))
    assert outcome(run, *worlds["together"]) == alone
    assert forks == [False]


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
    worlds: dict[str, tuple[Path, Log]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table breaks after some pages: what came before is kept, and the sentence is the same."""
    said = []
    for name, worth in (("alone", ALONE), ("together", TOGETHER)):
        folder, log = worlds[name]
        mapping = written(folder, FOUND)
        table = [f"{n},mei,{AT},x," for n in range(40)]
        data = "\n".join((HEADER, *table)).encode() + b"\n\xff\xfe,mei\n"
        (folder / "in.csv").write_bytes(data)
        monkeypatch.setattr(intake, "WORTH", worth)
        try:
            tally = import_table(folder / "in.csv", mapping, log, How(page=8))
            said.append((told(tally), len(log.after(0))))
        except LedgerError as error:
            said.append((str(error), len(log.after(0))))
    assert said[0] == said[1]
