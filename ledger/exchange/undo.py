"""An import taken back: what it recorded is retracted. Nothing is deleted, and no id comes free."""

import time
from collections.abc import Iterator

from msgspec import Struct

from ledger.errors import InputError
from ledger.exchange.tally import UNDONE, Tally, decode, encode
from ledger.facts.envelope import Envelope, known
from ledger.facts.types import FactRetracted
from ledger.log.port import Log, Reader

PAGE = 2_000
NAMED = 5


class Undo(Struct):
    """What taking an import back comes to."""

    id: str
    file: str
    recorded: int
    to_retract: int = 0
    """Facts that still count, and that are retracted, or would be."""
    retracted_before: int = 0
    retractions: int = 0
    """Those that it recorded itself: a retraction can't be retracted."""
    creators: int = 0
    """Of whom a fact is retracted."""
    done: bool = False


def look(log: Reader, id_: str) -> Undo:
    """What an undo would change. Raises InputError where no import has that id."""
    return _go(log, id_, None)


def undo(log: Log, id_: str) -> Undo:
    """Retract what an import recorded and still counts; doing it again changes nothing."""
    result = _go(log, id_, log)
    text = encode(_find(log, id_)).decode()
    log.append([], progress=(id_, lambda _receipts, _kept: (UNDONE, text)))
    result.done = True
    return result


def _go(log: Reader, id_: str, into: Log | None) -> Undo:
    tally = _find(log, id_)
    result = Undo(id_, tally.file, tally.recorded)
    creators: set[str] = set()
    for page in _pages(log, tally):
        subjects = sorted({e.subject for e in page})
        withdrawn = known(log.streams(subjects, log.head()), None).retracted
        retractions = []
        for e in page:
            if type(e.fact) is FactRetracted:
                result.retractions += 1
            elif e.position in withdrawn:
                result.retracted_before += 1
            else:
                retractions.append(_retraction(e, id_))
                creators.add(e.subject)
        if into is not None and retractions:
            into.append(retractions)
        result.to_retract += len(retractions)
    result.creators = len(creators)
    return result


def _find(log: Reader, id_: str) -> Tally:
    imports = log.imports()
    if id_ not in imports:
        last = "; the last are " + ", ".join(list(imports)[-NAMED:]) if imports else ""
        raise InputError(f"no import of this ledger has the id {id_!r}{last}")
    return decode(imports[id_])


def _pages(log: Reader, tally: Tally) -> Iterator[list[Envelope]]:
    for first, last in tally.spans:
        after = first - 1
        while after < last and (page := log.after(after, min(PAGE, last - after))):
            after = page[-1].position
            yield [e for e in page if e.position <= last]


def _retraction(e: Envelope, id_: str) -> Envelope:
    """Under an id of its own for each place in the log, so that twice is once."""
    now = time.time_ns() // 1000
    fact = FactRetracted(e.id, f"import {id_} was undone")
    return Envelope(e.source, f"undo {id_} {e.position}", e.subject, now, fact)
