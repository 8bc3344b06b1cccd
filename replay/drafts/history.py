"""The versions of a rulebook one after the other: what changed when, in force when, since when
pinned in a log, and adopted by which fact.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from ledger.facts.envelope import Envelope
from ledger.log.pins import Pin
from ledger.log.port import Reader
from ledger.rulebook.document import changes
from ledger.rulebook.model import Rulebook
from ledger.rulebook.shelf import Shelf
from ledger.text import safe
from projections.explain.phrases import Phrase, say
from projections.standing.adoptions import about_rulebook, adopted
from projections.standing.writing import clock_time, instant

View = dict[str, Any]
SHOWN = 12
"""Characters of a hash that people are shown."""


class Chapter(Struct, frozen=True):
    """A version, and what this log knows of it."""

    rulebook: Rulebook
    before: Rulebook | None
    """The version in force before it, of the name; None of the first."""
    until: date | None
    """The day of the version after it; None of the last, and of a draft that is not adopted."""
    in_force: bool
    """By its date, or as this log knows that it was adopted."""
    pin: Pin | None
    adoption: Envelope | None


class History(Struct, frozen=True):
    """What there is to tell of a name."""

    name: str
    chapters: list[Chapter]
    missing: list[Pin]
    """Pinned contents of versions of which there is no file."""
    log: bool
    """Whether there is one."""


def history(name: str, shelf: Shelf, log: Reader | None, since: date | None) -> History:
    """The versions in force on a day or later, and the drafts; of all days where there is none.

    Raises RulebookError where there is no rulebook of that name.
    """
    every = shelf.versions(name, drafts=True)
    pins = {pin.version: pin for pin in (log.pinned() if log else ()) if pin.name == name}
    adoptions: Mapping[str, Envelope] = {}
    if log is not None:
        adoptions = adopted(about_rulebook(log.stream(name), name), name, None)
    ruling = [r for r in every if not r.draft or r.version in adoptions]
    told = [
        Chapter(
            rulebook=r,
            before=next((b for b in reversed(ruling) if b.in_force_from < r.in_force_from), None),
            until=next((a.in_force_from for a in ruling if a.in_force_from > r.in_force_from), None)
            if r in ruling
            else None,
            in_force=r in ruling,
            pin=pins.pop(r.version, None),
            adoption=adoptions.get(r.version),
        )
        for r in every
    ]
    kept = [c for c in told if since is None or c.until is None or c.until > since]
    return History(name, kept, list(pins.values()), log is not None)


def changed(chapter: Chapter, since: date | None) -> list[View] | None:
    """What it changed; None of the first version, and of one that was there before a day."""
    if chapter.before is None or (since and chapter.rulebook.in_force_from < since):
        return None
    return [
        row for row in changes(chapter.before, chapter.rulebook) if row["key"] != "in_force_from"
    ]


def history_view(told: History, since: date | None) -> View:
    """What `rulebook history --json` prints."""
    return {
        "rulebook": told.name,
        "versions": [
            {
                "version": c.rulebook.version,
                "hash": c.rulebook.hash,
                "draft": c.rulebook.draft,
                "in_force": c.in_force,
                "in_force_from": str(c.rulebook.in_force_from),
                "in_force_until": None if c.until is None else str(c.until),
                "adopted": None if c.adoption is None else _adoption(c.adoption, c.rulebook.zone),
                "pinned": None if c.pin is None else _pin(c.pin, c.rulebook.zone),
                "before": None if c.before is None else c.before.version,
                "changes": changed(c, since),
            }
            for c in told.chapters
        ],
        "missing": [{"version": pin.version, **_pin(pin, "UTC")} for pin in told.missing],
    }


def _pin(pin: Pin, zone: str) -> View:
    return {"since": instant(pin.recorded_at, zone), "hash": pin.hash}


def _adoption(e: Envelope, zone: str) -> View:
    times = {"effective_at": e.effective_at, "recorded_at": e.recorded_at}
    said = {key: instant(at, zone) for key, at in times.items()}
    return {"event": e.id, "source": e.source, "position": e.position, **said}


def history_lines(told: History, since: date | None, language: str) -> Iterator[str]:
    """The same for people."""
    for chapter in told.chapters:
        title = chapter.rulebook.title
        yield f"{chapter.rulebook.label}  {safe(title.zh if language == 'zh' else title.en)}"
        yield from (f"  {line}" for line in about(chapter, language, log=told.log))
        yield from _changed(chapter, since, language)
        yield ""
    for pin in told.missing:
        said = {"at": clock_time(pin.recorded_at, "UTC"), "hash": pin.hash[:SHOWN]}
        yield f"{safe(f'{pin.name}@{pin.version}')}  {_say('gone', language, **said)}"
    if not told.log:
        yield _say("no_ledger", language)


def about(c: Chapter, language: str, *, log: bool) -> Iterator[str]:
    """In force when, adopted by what, pinned since when."""
    r, since = c.rulebook, str(c.rulebook.in_force_from)
    if not c.in_force:
        yield _say("draft", language, since=since)
    elif c.until is None:
        yield _say("since", language, since=since)
    else:
        yield _say("between", language, since=since, until=str(c.until))
    if c.adoption is not None:
        at = clock_time(c.adoption.effective_at, r.zone)
        position = str(c.adoption.position)
        yield _say("adopted", language, event=c.adoption.id, at=at, position=position)
    yield _say("hash", language, hash=r.hash)
    if c.pin is not None:
        way = "pinned" if c.pin.hash == r.hash else "pinned_otherwise"
        yield _say(way, language, at=clock_time(c.pin.recorded_at, r.zone), hash=c.pin.hash)
    elif log and c.in_force:
        yield _say("not_pinned", language)


def _changed(c: Chapter, since: date | None, language: str) -> Iterator[str]:
    if c.before is None:
        yield f"  {_say('first', language)}"
        return
    if (rows := changed(c, since)) is None:
        return
    yield f"  {_say('changes' if rows else 'same', language, before=c.before.label)}"
    for row in rows:
        old, new = (figure(row[side], language) for side in ("old", "new"))
        yield f"    {row['key']}: {old} → {new}"


def figure(side: View | None, language: str) -> str:
    """A value with its citation; that there is none."""
    if side is None:
        return _say("nothing", language)
    value, where = side["value"], f"{side['source']} {side['clause']}".strip()
    said = _say("yes" if value else "no", language) if isinstance(value, bool) else str(value)
    if side["assumed"]:
        where = _say("assumed_in" if where else "assumed", language, where=where)
    return _say("figure", language, value=said, where=where) if where else safe(said)


def _say(key: str, language: str, **values: str) -> str:
    return say(Phrase(f"history.{key}", dict(values)), language)
