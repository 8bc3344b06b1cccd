"""One hash of where everybody stands, so that a program that rules otherwise is found out."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from ledger.errors import StoreError
from projections.readmodels.source import program
from projections.standing.everybody import LeftOut, everybody
from projections.standing.moments import Moment
from projections.standing.question import Question
from projections.standing.writing import EPOCH, instant, json_line
from projections.views.objects import standing_view


class Standings(NamedTuple):
    """What a seal says beside the root: in words, a line each."""

    recorded: str
    """When the last fact under it was recorded."""
    program: str
    rulebooks: tuple[str, ...]
    """`name@version hash` of all versions of those that ruled."""
    creators: int
    hash: str

    def lines(self) -> str:
        """As they are signed."""
        rulebooks = "".join(f"rulebook {said}\n" for said in self.rulebooks)
        return (
            f"recorded {self.recorded}\nprogram {self.program}\n{rulebooks}"
            f"standings {self.creators} {self.hash}\n"
        )


def standings(
    db: str, directories: Sequence[str | Path], position: int, seen: Callable[[int], None]
) -> Standings:
    """Where everybody stood as of the fact at a position, known at it."""
    with Question(db, directories) as question:
        facts = question.log.after(position - 1, 1)
        if not facts:
            raise StoreError(f"there is no fact at position {position}")
        at = facts[0].recorded_at
        moment = Moment(EPOCH + timedelta(microseconds=at))
        asked = question.at(moment, moment)
        asked.until = position
        digest, creators, left_out = sha256(), 0, LeftOut()
        rulebooks = set()
        for result in everybody(asked, question.creators(), left_out):
            digest.update(json_line(standing_view(result)).encode() + b"\n")
            rulebooks |= {f"{r.label} {r.hash}" for r in result.tables.rulebooks}
            creators += 1
            seen(creators)
        for why, count in sorted(left_out.items()):
            digest.update(f"{count} left out: {why}\n".encode())
    return Standings(
        instant(at, "UTC"),
        f"{version('penalty-ledger')} {program()}",
        tuple(sorted(rulebooks)),
        creators,
        digest.hexdigest(),
    )
