"""Read models: rounds of faults on a Valkey, a PostgreSQL and a SQLite file in turn.

A round is a new ledger with its read model, real servers and real runners, and a dozen of the
faults that the place knows, drawn at random. After each one everything is compared with a replay.
"""

import traceback
from collections.abc import Iterator
from itertools import count
from random import Random
from typing import NamedTuple

from faults.judge import Verdict
from faults.places import PLACES, made
from faults.scene import Scene
from faults.table import of

FAULTS = 12
"""In a round: a ledger that grows makes each comparison slower."""


class Suffered(NamedTuple):
    fault: str
    round: int
    verdict: Verdict


def rounds(random: Random) -> Iterator[Suffered]:
    for number, kind in ((n, kind) for n in count(1) for kind in PLACES):
        with made(kind) as place:
            scene = Scene(place, Random(random.randrange(2**32)), creators=random.randrange(5, 30))
            try:
                scene.settle()
                for fault in scene.random.choices(of(kind), k=FAULTS):
                    name = f"{fault.name} ({kind})"
                    try:
                        fault.do(scene)
                        verdict = scene.judge()
                    except AssertionError:
                        verdict = Verdict(drifted=1, why=(traceback.format_exc(),))
                    yield Suffered(name, number, verdict)
                    if not verdict.clean:
                        break
            finally:
                scene.close()
