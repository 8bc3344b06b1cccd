"""A device of NVIDIA's: P, as `population` has it, out of columns that are there, and with copying.

Where there is no device nothing is run, which is said; that the answer is right is tested without.
"""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from bench_parts.population import AS_OF, COPIES, FACTS, columns_of, figure, rate, timed

from ledger.errors import LedgerError
from ledger.rulebook.shelf import Shelf
from projections.standing.replay import DEFAULT_RULEBOOK, Library
from replay.population import device
from replay.population.card import card


def figures() -> Iterator[dict[str, Any]]:
    try:
        card()
    except LedgerError as error:
        yield figure(f"cuda: NOT RUN: {error}", 0, "facts/s") | {"value": None}
        return
    tables = Library(Shelf()).tables(DEFAULT_RULEBOOK)
    columns = columns_of(tables, FACTS // COPIES)
    asked = device.Asked([tables], AS_OF, simulate=False, per_fact=False)
    law = device.law(asked, columns.facts.dtype)
    there = device.Device(columns, asked, law)
    same = np.array_equal(there.fold().summaries, asked.here(columns).summaries)
    yield figure("cuda.same: of each creator what this machine says", same, "", "yes", same)
    facts = len(columns.facts)

    def scores(of: device.Device) -> None:
        np.bincount(of.fold().summaries[:, 0, 2], minlength=2_000)

    resident = round(facts / timed(lambda: scores(there), time.perf_counter))
    yield figure("cuda.resident: P, columns on the device to the distribution", resident, "facts/s")
    copied = round(
        facts / timed(lambda: scores(device.Device(columns, asked, law)), time.perf_counter)
    )
    yield figure("cuda.copied: the same, columns copied there first", copied, "facts/s")
    beside = rate(columns, [tables], threads=2)
    yield figure("cuda.threads: the same by two threads of this machine", beside, "facts/s")
