"""Facts of all creators in the order of recording, without holding them all."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack

import numpy as np
from history_parts.facts import FACT, Columns

HELD = 20_000
"""Creators whose facts are sorted at a time; of more, the time is cut into so many stretches."""


def in_order_of_recording(chunks: Iterable[Columns], last: int, creators: int) -> Iterator[Columns]:
    """Chunks of creators in, stretches of time out; what waits meanwhile lies in files."""
    stretches = -(-creators // HELD)
    if stretches == 1:
        yield from (_sorted(chunk) for chunk in chunks)
        return
    with ExitStack() as opened:
        files = [opened.enter_context(tempfile.TemporaryFile()) for _ in range(stretches)]
        for chunk in chunks:
            place = np.minimum(chunk["recorded"] * stretches // last, stretches - 1)
            for number, file in enumerate(files):
                file.write(chunk[place == number].tobytes())
        for file in files:
            file.seek(0)
            yield _sorted(np.frombuffer(file.read(), FACT))


def _sorted(facts: Columns) -> Columns:
    return facts[np.lexsort((facts["number"], facts["creator"], facts["recorded"]))]
