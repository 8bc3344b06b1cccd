"""Segments merged: those of a partition into a new base, or small ones into one."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from projections.archive import segment
from projections.archive.build import GROUP
from projections.archive.manifest import Place, Segment
from projections.archive.reading import Piece, in_order, joined, load, whole
from projections.archive.schema import DETAILS, FACTS
from projections.archive.tables import Arranged, cut


def rebased(place: Place, segments: Sequence[Segment], partition: int, name: str) -> Segment:
    """All facts of a partition as one segment."""
    return segment.write(Path(place.path), name, _merged(place, segments, partition), base=True)


def together(
    place: Place, segments: Sequence[Segment], partitions: Iterable[int], name: str
) -> Segment:
    """Segments that were added, as one."""
    made = [_merged(place, segments, partition) for partition in partitions]
    made = [one for one in made if one.spans]
    spans = [span for one in made for span in one.spans]
    facts, details = ([one[i] for one in made] for i in (0, 1))
    both = Arranged(joined(facts), joined(details), spans)
    return segment.write(Path(place.path), name, both, base=False)


def _merged(place: Place, segments: Sequence[Segment], partition: int) -> Arranged:
    found = []
    for one in segments:
        groups = tuple(n for n, g in enumerate(one.groups) if g.partition == partition)
        if groups:
            piece = Piece(one.name, groups, (one.facts.bytes, one.details.bytes))
            found.append(load(place, piece, FACTS.names, DETAILS.names))
    if not found:
        return Arranged(FACTS.empty_table(), DETAILS.empty_table(), [])
    facts, details = in_order(joined([f for f, _ in found]), joined([d for _, d in found]))
    creators = whole(facts, "creator").cast(pa.string()).dictionary_encode()
    facts = facts.set_column(0, FACTS.field("creator"), creators)
    flags = whole(facts, "details").to_numpy(zero_copy_only=False)
    names = creators.dictionary
    homes = np.full(len(names), partition)
    spans = cut(creators.indices.to_numpy(), flags, homes, names, GROUP)
    return Arranged(facts, details, spans)
