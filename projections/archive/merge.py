"""Segments merged: those of a partition into a new base, or small ones into one."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from projections.archive import segment
from projections.archive.build import GROUP
from projections.archive.late import in_order
from projections.archive.manifest import Place, Segment
from projections.archive.part import joined, load, whole
from projections.archive.plan import piece
from projections.archive.schema import DETAILS, FACTS
from projections.archive.tables import Arranged, cut

EVERY = frozenset(DETAILS.names)


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
    facts, given = joined([(one.facts, one.given) for one in made])
    return segment.write(Path(place.path), name, Arranged(facts, given, spans), base=False)


def _merged(place: Place, segments: Sequence[Segment], partition: int) -> Arranged:
    found = []
    for one in segments:
        groups = tuple(n for n, g in enumerate(one.groups) if g.partition == partition)
        if groups:
            found.append(load(place, piece(one, groups), FACTS.names, EVERY))
    if not found:
        return Arranged(FACTS.empty_table(), {}, [])
    facts, given = in_order(joined(found))
    creators = whole(facts, "creator").cast(pa.string()).dictionary_encode()
    facts = facts.set_column(0, FACTS.field("creator"), creators)
    names = creators.dictionary
    homes = np.full(len(names), partition)
    spans = cut(creators.indices.to_numpy(), homes, names, GROUP)
    return Arranged(facts, given, spans)
