"""What an archive is read by: small tasks, each of whole creators."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from projections.archive import manifest as file
from projections.archive.manifest import Manifest, Place, Segment


class Rows(NamedTuple):
    """Some rows of a row group of `details`."""

    number: int
    type: str
    rows: int
    fields: tuple[str, ...]
    """The columns that are not null throughout."""
    before: int
    """Facts of the piece before its row group of `facts`."""
    first: int
    """Rows of the row group before these."""


class Piece(NamedTuple):
    """Some row groups of a segment."""

    name: str
    groups: tuple[int, ...]
    facts: int
    details: tuple[Rows, ...]
    sizes: tuple[int, int]
    """Bytes that the two files must have."""


class Task(NamedTuple):
    """Some creators of one partition: it can be sent anywhere, and is read there by itself."""

    url: str
    partition: int
    facts: int
    after: str
    """The creators after this one,"""
    until: str
    """and up to this one; empty: to the end."""
    base: tuple[Piece, ...]
    added: tuple[Piece, ...]
    """Where facts of these creators have come later."""


class Archive:
    """An archive opened for reading. Threads and processes may share it."""

    def __init__(self, place: Place, manifest: Manifest) -> None:
        self.place, self.manifest = place, manifest

    @classmethod
    def open(cls, url: str) -> "Archive":
        """At a directory or a URL. Raises StoreError where none is that can be read."""
        place = file.place(url)
        return cls(place, file.read(place))

    @property
    def facts(self) -> int:
        return sum(segment.facts.rows for segment in self.manifest.segments)

    def tasks(self, size: int = 1) -> list[Task]:
        """Who can be read apart from whom: about `size` facts each, never less than a row group."""
        return list(self._tasks(size))

    def _tasks(self, size: int) -> Iterator[Task]:
        base: dict[int, list[tuple[Segment, int]]] = {}
        added: dict[int, list[tuple[Segment, int]]] = {}
        for segment in self.manifest.segments:
            for number, group in enumerate(segment.groups):
                homes = base if segment.base else added
                homes.setdefault(group.partition, []).append((segment, number))
        for partition in sorted(base.keys() | added.keys()):
            after, cuts = "", list(_cut(base.get(partition, []), size)) or [[]]
            for n, cut in enumerate(cuts):
                last = n == len(cuts) - 1
                until = "" if last else cut[-1][0].groups[cut[-1][1]].last
                late = [
                    (s, g)
                    for s, g in added.get(partition, [])
                    if s.groups[g].last > after and (last or s.groups[g].first <= until)
                ]
                count = sum(s.groups[g].facts for s, g in (*cut, *late))
                yield Task(
                    self.place.url, partition, count, after, until,
                    tuple(_pieces(cut)), tuple(_pieces(late)),
                )  # fmt: skip
                after = until


def _cut(groups: Sequence[tuple[Segment, int]], size: int) -> Iterator[list[tuple[Segment, int]]]:
    taken: list[tuple[Segment, int]] = []
    count = 0
    for segment, number in groups:
        taken.append((segment, number))
        count += segment.groups[number].facts
        if count >= size:
            yield taken
            taken, count = [], 0
    if taken:
        yield taken


def _pieces(groups: Sequence[tuple[Segment, int]]) -> Iterator[Piece]:
    by_name: dict[str, tuple[Segment, list[int]]] = {}
    for segment, number in groups:
        by_name.setdefault(segment.name, (segment, []))[1].append(number)
    for segment, numbers in by_name.values():
        yield piece(segment, numbers)


def piece(segment: Segment, numbers: Sequence[int]) -> Piece:
    """Some row groups of a segment, with those of `details` that belong to them."""
    begins = list(
        accumulate((sum(not g.first for g in group.details) for group in segment.groups), initial=0)
    )
    details, before = [], 0
    for number in numbers:
        group = segment.groups[number]
        place = begins[number] - 1
        for given in group.details:
            place += not given.first
            details.append(Rows(place, given.type, given.rows, given.fields, before, given.first))
        before += group.facts
    sizes = segment.facts.bytes, segment.details.bytes
    return Piece(segment.name, tuple(numbers), before, tuple(details), sizes)
