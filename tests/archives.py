"""Archives of facts that never were."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from ledger.facts.codec import encode
from ledger.facts.envelope import Envelope
from projections.archive import manifest, segment
from projections.archive.schema import SCHEMA
from projections.archive.source import decoded, padded
from projections.archive.tables import arranged
from replay.population.synthetic import START
from replay.population.synthetic import history as synthetic

__all__ = ["START", "history", "moved", "placed", "streams", "write", "written"]
PARTITIONS = 3
CATEGORIES = ["spam", "fraud", "misleading", "infringement", "abuse", "no_such_category"]


def placed(facts: Sequence[Envelope]) -> list[Envelope]:
    """Recorded one after the other; their ids are made different."""
    versions: dict[str, int] = {}
    made = []
    for n, e in enumerate(facts, 1):
        version = versions[e.subject] = versions.get(e.subject, 0) + 1
        made.append(replace(e, id=f"{n}{e.id}", recorded_at=n, position=n, version=version))
    return made


def history(seed: int, creators: int = 12) -> list[Envelope]:
    """Facts of all kinds of some creators, mixed, some late, many at one instant."""
    random = Random(seed)
    facts = []
    for n in range(creators):
        stream = list(synthetic(random, f"c-{n}", 40, CATEGORIES, ties=0.4))
        late = random.sample(stream, 5)
        facts += [(random.random() if e in late else i / 40, e) for i, e in enumerate(stream)]
    versions: dict[str, int] = {}
    made = []
    for n, (_, e) in enumerate(sorted(facts, key=lambda pair: pair[0]), 1):
        version = versions[e.subject] = versions.get(e.subject, 0) + 1
        made.append(replace(e, recorded_at=n, position=n, version=version, source=e.subject))
    return made


def streams(facts: Sequence[Envelope]) -> dict[str, list[Envelope]]:
    made: dict[str, list[Envelope]] = {}
    for e in facts:
        made.setdefault(e.subject, []).append(e)
    return made


def write(folder: Path, facts: Sequence[Envelope], *, group: int = 10) -> None:
    """An archive of one segment."""
    facts_of = decoded([padded(b"".join(map(encode, facts)))])
    made = arranged(facts_of, PARTITIONS, after=0, group=group)
    for part in ("facts", "details"):
        (folder / part).mkdir()
    one = segment.write(folder, "base-1", made, base=True)
    segment.publish(folder, [one])
    log = manifest.Log(len(facts), len({e.subject for e in facts}), "")
    named = manifest.Manifest(manifest.FORMAT, SCHEMA, "test", PARTITIONS, 1, log, (one,))
    (folder / manifest.NAME).write_bytes(manifest.encode(named))


@contextmanager
def written(facts: Sequence[Envelope], *, group: int) -> Iterator[str]:
    with TemporaryDirectory() as folder:
        write(Path(folder), facts, group=group)
        yield folder


def moved(folder: Path, scheme: str) -> str:
    """The URL of an archive that is in a directory, or in an object store where it was copied."""
    if scheme != "memory":
        return f"{scheme}://{folder}" if scheme else str(folder)
    import fsspec

    fsspec.filesystem("memory").put(str(folder), "/bucket/archive", recursive=True)
    return "memory://bucket/archive"
