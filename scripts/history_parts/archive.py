"""Invented facts straight into an archive: no log is written, so nobody's log it is of."""

from collections.abc import Iterator
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import click
from msgspec.structs import replace

from ledger.errors import InputError
from ledger.facts.cloudevents import parse
from ledger.facts.codec import encode
from ledger.facts.envelope import Envelope
from ledger.facts.forms import read_instant
from ledger.files import whole
from projections.archive import build, manifest, segment
from projections.archive.manifest import NAME, Log, Manifest
from projections.archive.schema import SCHEMA
from projections.archive.source import Source


class Invented(Source):
    """Lines in the order of recording, handed out as a log hands out its facts."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._versions: dict[str, int] = {}

    def stretch(self, after: int, until: int) -> bytes:
        """As there; stretch after stretch."""
        lines = islice(self._lines, until - after)
        return b"".join(self._encoded(line, n) for n, line in enumerate(lines, after + 1))

    def _encoded(self, line: bytes, position: int) -> bytes:
        before, _, rest = line.partition(b'"recordedtime":"')  # without it a line is quickly read
        told, _, after = rest.partition(b'",')
        fact = parse(before + after, file="invented", line_no=position)
        assert isinstance(fact, Envelope), fact
        number = self._versions[fact.subject] = self._versions.get(fact.subject, 0) + 1
        recorded_at = read_instant(told.decode(), {})
        made: bytes = encode(
            replace(fact, position=position, version=number, recorded_at=recorded_at)
        )
        return made


def write(folder: Path, lines: Iterator[bytes], facts: int, creators: int) -> None:
    """Raises InputError where something is there already."""
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{str(folder)!r} is not empty: name a new directory")
    for part in (folder, folder / "facts", folder / "details"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    end, partitions = Log(facts, creators, ""), build.partitions_for(facts)
    with click.progressbar(length=2 * facts, label="facts to Parquet") as bar:
        segments = build.whole(
            Invented(lines), folder, end, 1, partitions, lambda done: bar.update(done - bar.pos)
        )
        bar.update(2 * facts - bar.pos)
    segment.publish(folder, segments)
    program = version("penalty-ledger")
    made = Manifest(manifest.FORMAT, SCHEMA, program, partitions, 1, end, tuple(segments))
    with whole(folder / NAME) as out:
        out.write(manifest.encode(made))
