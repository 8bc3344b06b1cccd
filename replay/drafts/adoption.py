"""`rulebook adopt`: a draft passes its cases, then its adoption is recorded as a fact."""

import json
import time
from datetime import UTC, datetime, timedelta

from ledger.errors import ConflictError, InputError, RulebookError
from ledger.facts.cloudevents import Refusal, parse
from ledger.facts.envelope import Envelope
from ledger.log.port import Log, Receipt
from ledger.rulebook.model import Rulebook
from ledger.rulebook.shelf import Shelf, starts_at
from ledger.text import safe
from projections.standing.adoptions import about_rulebook, adopted, ruling
from projections.standing.writing import clock_time, zone_info

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def draft_of(shelf: Shelf, label: str) -> Rulebook:
    """The draft of `NAME@VERSION`. Raises RulebookError for what needs no adoption."""
    name, _, version = label.partition("@")
    if not version:
        drafts = [r.label for r in shelf.versions(name, drafts=True) if r.draft]
        said = f"; drafts: {', '.join(drafts)}" if drafts else ""
        raise RulebookError(f'found "{label}"; NAME@VERSION is needed{said}')
    rulebook = shelf.find(label)
    if not rulebook.draft:
        since = rulebook.in_force_from
        raise RulebookError(f"{label} is no draft: it is in force from {since} by its date")
    return rulebook


def tried(rulebook: Rulebook, shelf: Shelf) -> None:
    """Refuse a draft that does not pass the cases beside it; the shelf has checked the file."""
    from replay.casebook.report import failed_lines
    from replay.casebook.suites import run, suites

    files = [f for f in shelf.files(rulebook.name) if f.stem == rulebook.version]
    results = [result for suite in suites(files, ()) for result in run(suite)]
    if any(result.failed for result in results):
        told = "\n".join(failed_lines(results))
        raise RulebookError(f"{rulebook.label} does not pass its cases\n{told}")


def not_retroactive(rulebook: Rulebook, at: int) -> None:
    """Refuse a draft that would rule before it was adopted, and say which date would be right."""
    if starts_at(rulebook) >= at:
        return
    local = (EPOCH + timedelta(microseconds=at)).astimezone(zone_info(rulebook.zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    day = local.date() if midnight == local else local.date() + timedelta(days=1)
    said = f"{rulebook.label} would be in force from {rulebook.in_force_from}"
    when = clock_time(at, rulebook.zone)
    raise RulebookError(
        f"{said}, before its adoption at {when}, and no rule looks back; "
        f"in_force_from = {day} or later would be right"
    )


def adoption(rulebook: Rulebook, source: str, id_: str, stated: str | None) -> Envelope:
    """The fact. Raises InputError for an id, a source or a time that is none."""
    instant = EPOCH + timedelta(microseconds=time.time_ns() // 1000)
    event = {
        "specversion": "1.0",
        "type": "rulebook_adopted",
        "source": source,
        "id": id_,
        "subject": rulebook.name,
        "time": stated or instant.isoformat(),
        "data": {"rulebook": rulebook.name, "version": rulebook.version, "hash": rulebook.hash},
    }
    fact = parse(json.dumps(event), file="command line", line_no=1)
    if isinstance(fact, Refusal):
        raise InputError(f"command line, {fact.field}: found {fact.found}; wanted {fact.wanted}")
    return fact


def adopt(rulebook: Rulebook, fact: Envelope, shelf: Shelf, log: Log) -> Receipt:
    """Record the adoption, unless the content is adopted already; then its receipt is answered."""
    earlier = about_rulebook(log.stream(rulebook.name), rulebook.name)
    adoptions = adopted(earlier, rulebook.name, None)
    every = shelf.versions(rulebook.name, drafts=True)
    before = adoptions.get(rulebook.version)
    if before is None:
        not_retroactive(rulebook, fact.effective_at)
    ruling(every, {**adoptions, rulebook.version: before or fact})
    if before is not None:
        return Receipt("duplicate", before.position, before.version, before.recorded_at)
    [receipt] = log.append([fact])
    if receipt.status == "conflict":
        raise ConflictError(
            f"source {safe(fact.source)!r} and id {safe(fact.id)!r} are those of the fact at "
            f"position {receipt.position}, which has other content: give this one an id of its own"
        )
    return receipt
