"""What a person asks of an archive: how far it is, whether it is as it was written."""

import hashlib
from collections.abc import Iterator
from typing import Any

from projections.archive.manifest import Manifest, Place, paths, place, read
from projections.archive.source import Source

BLOCK = 1 << 20


def status(source: Source, url: str) -> dict[str, Any]:
    """The archive at a directory or URL, beside its log. `shortfalls` has a sentence for each."""
    where = place(url)
    found = read(where)
    head = source.end().position
    files = [file for one in found.segments for file in paths(one).values()]
    return {
        "archive": where.shown,
        "schema": found.schema,
        "program": found.program,
        "position": found.log.position,
        "head": head,
        "facts": sum(one.facts.rows for one in found.segments),
        "partitions": found.partitions,
        "files": len(files),
        "bytes": sum(file.bytes for file in files),
        "added": sum(one.facts.rows for one in found.segments if not one.base),
        "shortfalls": [*behind(source, found), *altered(where, found)],
    }


def behind(source: Source, found: Manifest) -> list[str]:
    """What an archive lacks of its log; a sentence, or none."""
    if how := source.other(found.log):
        return [how]
    position, head = found.log.position, source.end().position
    if position < head:
        return [
            f"it is {head - position:,} facts behind the log: it holds it up to position "
            f"{position:,}, the log ends at {head:,}; `project --parquet` brings it up"
        ]
    return []


def altered(where: Place, found: Manifest) -> Iterator[str]:
    """The files that are not as they were written."""
    for segment in found.segments:
        for name, file in paths(segment).items():
            try:
                with where.system.open_input_stream(where.at(name)) as stream:
                    digest = hashlib.sha256()
                    while block := stream.read(BLOCK):
                        digest.update(block)
            except FileNotFoundError:
                yield f"{name} is gone"
            except OSError as error:
                yield f"{name} can't be read: {error}"
            else:
                if digest.hexdigest() != file.sha256:
                    yield f"{name} is not as it was written"


def lines(view: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    yield (
        f"{view['archive']}: {view['facts']:,} facts up to position {view['position']:,}, the log "
        f"ends at {view['head']:,}"
    )
    yield (
        f"  {view['files']:,} files, {view['bytes'] / 1e6:,.1f} MB, {view['partitions']} "
        f"partitions; {view['added']:,} facts not yet merged into them"
    )
    for sentence in view["shortfalls"]:
        yield f"  not whole: {sentence}"
