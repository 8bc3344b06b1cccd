"""Who reads bytes of somebody, by the functions of the commands; samples are this repository's.

Each reader does with what it has taken what a command would: an answer is told, a rulebook is
explained, cases are run.
"""

import json
import os
import re
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import click
from click.testing import CliRunner
from samples import APPEAL_FIRST, envelopes, store

from ledger import errors
from ledger.errors import LedgerError
from ledger.exchange.dry_run import DryRun
from ledger.exchange.import_report import as_dict, as_text
from ledger.exchange.intake import How, Stream, import_source
from ledger.exchange.table_import import import_table
from ledger.exchange.tally import Tally
from ledger.log.port import Log, open_log, open_reader
from ledger.log.postgres.recorder import settings_of
from ledger.rulebook.document import document
from ledger.rulebook.file import load
from ledger.rulebook.prose.explained import lines
from ledger.rulebook.shelf import published
from projections.readmodels.redis.url import read_url
from projections.readmodels.sql.postgres import PostgresStore
from projections.standing.question import Question
from projections.standing.writing import json_line
from replay.bundle.form import read, sealed, written
from replay.bundle.pack import pack
from replay.bundle.report import verdict_lines, verdict_view
from replay.bundle.rerun import rerun
from replay.casebook.report import document as told
from replay.casebook.suites import run, suites
from replay.cli import main
from replay.whatif.counterfactual import compare, comparison_view
from replay.whatif.document import read as read_scenario
from replay.whatif.options import additions, moves, pairs
from replay.whatif.scenario import Scenario

from .kept import files, records, seals_of, stores
from .tries import ROOT, Reader

CODES = {0, 1, 130} | {k.exit_code for k in vars(errors).values() if isinstance(k, type)} | {2}
URLS = (
    "sqlite:///ledger.db", "sqlite:////tmp/a%20b/l.db?mode=ro", "sqlite:///{here}/ledger.db",
    "postgresql://ledger:s%40cret@127.0.0.1:5432/ledger?connect_timeout=3&application_name=a",
    "postgres://[::1]:5432,localhost/ledger", "redis://:s3cret@localhost:6379/2",
    "rediss://u:p@[::1]:6380/0?ssl_ca_certs=/ca.pem", "unix://u:p@/run/redis.sock?db=1",
    "redis+sentinel://a:26379,b/service/1?sentinel_password=x", "redis+cluster://a:1,b:2",
)  # fmt: skip
SETTINGS = (
    "nodes.8.below=7", "2024-07:exam.answers=3", "exam=none", "categories.misleading.points=2.5",
    "zone=Asia/Shanghai", "in_force_from=2024-01-01", "nodes.8.stops.0.days=3", "e1=2024-07-11",
    "e2=2024-07-11T09:00:00+08:00", "demo#e4=2024-07-11 09:00", "appeal.effect=after_appeal",
)  # fmt: skip


def readers(folder: Path) -> list[Reader]:
    """All there are; their files are in a directory of their own."""
    url = store(folder, envelopes(APPEAL_FIRST))
    makers = (records, _facts, _tables, _rulebooks, _what_if, _cases, _urls, seals_of, stores)
    found = [reader for make in makers for reader in make(folder, url)]
    return [*found, *_bundles(url), _commands(folder, url)]


def _import(data: bytes) -> None:
    tally = import_source(Stream(BytesIO(data), "-", How()), cast(Log, DryRun(None)), How())
    _report(tally)


def _report(tally: Tally) -> None:
    for report in (as_text, as_dict):
        report("file", tally, Path("rejects"), dry=True).encode()


def _facts(folder: Path, url: str) -> list[Reader]:
    golden = [json.loads(text)["cloudevent"] for text in files("tests/golden/codec/v1/*.json")]
    samples = [json.dumps(one).encode() for one in golden]
    return [Reader("JSONL", samples + files("examples/exam-in-place/*.jsonl"), _import)]


def _tables(folder: Path, url: str) -> list[Reader]:
    place = ROOT / "examples" / "super-licence"
    table, mapping = (folder / name for name in ("table.csv", "mapping.toml"))
    decisions = b"".join((place / "decisions.csv").read_bytes().splitlines(keepends=True)[:12])
    (folder / "whole.csv").write_bytes(decisions)

    def rows(data: bytes) -> None:
        table.write_bytes(data)
        log = cast(Log, DryRun(None))
        _report(import_table(table, place / "mapping.toml", log))

    def columns(data: bytes) -> None:
        mapping.write_bytes(data)
        _report(import_table(folder / "whole.csv", mapping, cast(Log, DryRun(None))))

    return [
        Reader("CSV", [decisions], rows),
        Reader("mapping", files("examples/*/mapping.toml"), columns),
    ]


def _rulebooks(folder: Path, url: str) -> list[Reader]:
    shelf = folder / "published"
    shelf.mkdir()

    def rulebook(data: bytes) -> None:
        made = load(data)
        json.dumps(document(made))
        for language in ("en", "zh"):
            "\n".join(lines(made, language)).encode()

    def pins(data: bytes) -> None:
        (shelf / "PUBLISHED").write_bytes(data)
        published(shelf)

    books = files("ledger/rulebooks/*/*.toml", "tests/*/rulebooks/*/*.toml")
    return [
        Reader("rulebook", books, rulebook),
        Reader("PUBLISHED", files("ledger/rulebooks/PUBLISHED"), pins),
    ]


def _bundles(url: str) -> list[Reader]:
    with Question(url) as question:
        data = b"".join(written(pack(question, ["mei"])))

    def whole(data: bytes) -> None:
        for verdict in rerun(read(data, "file")):
            json_line(verdict_view(verdict))
            for language in ("en", "zh"):
                "\n".join(verdict_lines(verdict, language)).encode()

    def hostile(data: bytes) -> None:
        """Whatever is in it, its hashes are right."""
        whole(b"".join(sealed(("all", line + b"\n") for line in data.split(b"\n"))))

    above = data.rsplit(b"\n", 3)[0]
    return [Reader("bundle", [data], whole), Reader("bundle of a hostile hand", [above], hostile)]


def _what_if(folder: Path, url: str) -> list[Reader]:
    added = folder / "added.jsonl"
    option = click.Option(["--set", "settings"], metavar="KEY=VALUE")

    def asked(**given: Any) -> None:
        with Question(url, (), None, None) as question:
            json_line(comparison_view(compare(question, "mei", Scenario.of(**given))))

    def facts(data: bytes) -> None:
        added.write_bytes(data)
        asked(add=additions(cast(Any, None), option, [f"@{added}"]))

    def figures(data: bytes) -> None:
        texts = [os.fsdecode(line) for line in data.replace(b"\0", b"").split(b"\n")]
        asked(set=dict(pairs(cast(Any, None), option, texts)))

    def times(data: bytes) -> None:
        texts = [os.fsdecode(line) for line in data.replace(b"\0", b"").split(b"\n")]
        asked(move=moves(cast(Any, None), option, texts))

    def steps(data: bytes) -> None:
        scenario = read_scenario(data, "it.toml")
        with Question(url, (), None, None) as question:
            json_line(comparison_view(compare(question, "mei", scenario)))

    page = (ROOT / "docs" / "what-if.md").read_text(encoding="utf-8")
    scenarios = [part.partition("```")[0].encode() for part in page.split("```toml\n")[1:]]
    lent = [line.encode() for line in SETTINGS]
    moved = [line for line in lent if line.partition(b"=")[2].startswith(b"2024")]
    events = b"\n".join(files("examples/exam-in-place/*.jsonl")).split(b"\n")
    events = [re.sub(rb'"subject": ?"\w+"', b'"subject":"mei"', line) for line in events if line]
    return [
        Reader("what-if --add", events, facts),
        Reader("what-if --set", lent, figures),
        Reader("what-if --move", moved, times),
        Reader("what-if --scenario", scenarios, steps),
    ]


def _cases(folder: Path, url: str) -> list[Reader]:
    place = ROOT / "ledger" / "rulebooks" / "douyin-creator"
    shelf = folder / "shelf" / place.name
    (shelf / "cases").mkdir(parents=True)
    for file in place.glob("*.toml"):
        (shelf / file.name).write_bytes(file.read_bytes())
    table = shelf / "cases" / "table.txt"

    def cases(data: bytes) -> None:
        table.write_bytes(data)
        results = [result for suite in suites([table], ()) for result in run(suite)]
        json_line(told(results))

    return [Reader("cases", _parts(files("ledger/rulebooks/douyin-creator/cases/*.txt")), cases)]


def _parts(tables: list[bytes]) -> list[bytes]:
    """Two cases at a time, so that a try runs few."""
    found = [part for text in tables for part in text.split(b"\n## ")]
    return [b"## " + b"\n## ".join(pair) for pair in zip(found[::2], found[1::2], strict=False)]


def _urls(folder: Path, url: str) -> list[Reader]:
    def address(data: bytes) -> None:
        text = os.fsdecode(data.replace(b"\0", b""))
        if text.startswith(("redis", "unix")):
            str(read_url(text))
            return
        with suppress(LedgerError):
            read_url(text)
        _ledger(text)

    samples = [text.format(here=folder).encode() for text in URLS]
    return [Reader("URL", samples, address)]


def _ledger(text: str) -> None:
    """As far as the network: an address that was drawn is never asked."""
    if text.partition(":")[0] in {"postgresql", "postgres"}:
        settings_of(text)
        PostgresStore(text)
    else:
        open_log(text).close()
        open_reader(text).close()


def _commands(folder: Path, url: str) -> Reader:
    """The same through whole commands, each of which gets the bytes as a file."""
    given, table = folder / "given.jsonl", folder / "given.csv"
    book, cases = folder / "given.toml", folder / "given.cases.txt"
    mapping = str(ROOT / "examples" / "super-licence" / "mapping.toml")
    sealed = ("--key", (folder / "key").read_text(), "--seals", str(folder / "seals"))
    commands: tuple[tuple[str, ...], ...] = (
        ("import", "--dry-run", str(given)),
        ("import", "--dry-run", "--mapping", mapping, str(table)),
        ("import", "--dry-run", "--mapping", str(book), str(folder / "whole.csv")),
        ("rulebook", "check", str(book)),
        ("rulebook", "show", str(book)),
        ("rulebook", "explain", str(book)),
        ("rulebook", "test", str(cases)),
        ("what-if", "mei", "--add", f"@{given}"),
        ("audit", "--bundle", str(given)),
        ("prove", "mei", *sealed, "--older", str(given), "--out", str(folder / "out")),
        ("seal", "--key", str(given), *sealed[2:]),
    )

    def run_all(data: bytes) -> None:
        for file in (given, table, book, cases):
            file.write_bytes(data)
        codes = []
        for command in commands:
            done = CliRunner().invoke(main, ["--db", url, *command])
            if done.exception is not None and not isinstance(done.exception, SystemExit):
                raise done.exception
            assert done.exit_code in CODES, (command, done.exit_code)
            codes.append(done.exit_code)
        if all(codes):
            raise LedgerError("refused")

    samples = files("examples/*/*.jsonl", "examples/*/mapping.toml", "ledger/rulebooks/*/*.toml")
    samples += files("ledger/rulebooks/*/cases/*.txt", "examples/super-licence/decisions.csv")
    return Reader("commands", samples, run_all)
