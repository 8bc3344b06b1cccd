"""Which versions of a rulebook were in force as the log knew it: by their date, or by adoption.

A draft rules from its own date on where a `rulebook_adopted` in the stream of the rulebook's name
has its content's hash, for whoever asks at or after the recording. A retracted adoption counts as
never made, from its retraction on. What can't be honoured as recorded is an error: an answer under
other rules than the adopted ones would be wrong without anybody noticing.
"""

from collections.abc import Iterable, Sequence

from ledger.errors import NoRulebookError, RulebookError
from ledger.facts.envelope import Envelope, known
from ledger.facts.types import FactRetracted, RulebookAdopted
from ledger.rulebook.checks.sense import family
from ledger.rulebook.model import Rulebook
from ledger.rulebook.shelf import nothing_in_force, starts_at
from ledger.text import safe
from projections.standing.writing import clock_time


def about_rulebook(stream: Iterable[Envelope], name: str) -> list[Envelope]:
    """The adoptions of a name and what may retract them; nothing where none was ever recorded."""
    kept = [e for e in stream if is_adoption(e, name) or type(e.fact) is FactRetracted]
    return kept if any(is_adoption(e, name) for e in kept) else []


def about_creator(envelopes: Sequence[Envelope]) -> bool:
    """Whether there are facts, and not only such about a rulebook that bears the name."""
    kinds = {type(e.fact) for e in envelopes}
    own = kinds - {RulebookAdopted, FactRetracted}
    return bool(own) or kinds == {FactRetracted}


def is_adoption(e: Envelope, name: str) -> bool:
    return type(e.fact) is RulebookAdopted and e.fact.rulebook == name


def adopted(facts: Iterable[Envelope], name: str, known_at: int | None) -> dict[str, Envelope]:
    """{version: its first adoption} of what was known at an instant and is not retracted."""
    kept, retracted, _ = known(facts, known_at)
    found: dict[str, Envelope] = {}
    for e in sorted(kept, key=lambda e: e.position):
        if e.position not in retracted and is_adoption(e, name):
            assert isinstance(e.fact, RulebookAdopted)
            found.setdefault(e.fact.version, e)
    return found


def ruling(every: Sequence[Rulebook], adoptions: dict[str, Envelope]) -> tuple[Rulebook, ...]:
    """The versions that rule, of all there are. Raises RulebookError for what can't be honoured."""
    by_version = {r.version: r for r in every}
    for e in adoptions.values():
        honour(e, by_version)
    versions = [r for r in every if not r.draft or r.version in adoptions]
    if problems := family(versions):
        raise RulebookError("\n".join(problems))
    if not versions:
        raise nothing_in_force(every)
    return tuple(versions)


def honour(e: Envelope, by_version: dict[str, Rulebook]) -> None:
    """Refuse an adoption of what is not here, has changed, or would rule before it was made."""
    fact = e.fact
    assert isinstance(fact, RulebookAdopted)
    label = f"{fact.rulebook}@{fact.version}"
    rulebook = by_version.get(fact.version)
    if rulebook is None:
        said = f"{label} is adopted in this log ({safe(e.id)}) and its file is not here"
        raise NoRulebookError(f"{said}; name its directory with --rulebooks")
    if rulebook.hash != fact.hash:
        said = f"{label} has changed: it was adopted ({safe(e.id)}) with hash {fact.hash[:12]}…"
        advice = "restore the file and put the change into a new version"
        raise RulebookError(f"{said}, the file's is {rulebook.hash[:12]}…; {advice}")
    if rulebook.draft and starts_at(rulebook) < e.effective_at:
        when = clock_time(e.effective_at, rulebook.zone)
        said = f"{label} would be in force from {rulebook.in_force_from}, before it was adopted"
        raise RulebookError(f"{said} on {when} ({safe(e.id)}); retract that adoption")
