"""What goes into a bundle: all facts of some creators, the rules that ruled, and the answers."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from msgspec.structs import fields

from ledger.errors import RulebookError
from ledger.facts.cloudevents import to_dict
from ledger.facts.envelope import Envelope
from ledger.rulebook.model import Rulebook
from ledger.rulebook.shelf import Shelf
from projections.readmodels.source import program
from projections.standing.adoptions import about_rulebook
from projections.standing.question import Question
from projections.standing.replay import Replay
from projections.views.described import Shape
from projections.views.objects import audit_view
from replay.bundle.form import FORMAT, Audit, Line

View = dict[str, Any]


def vocabulary() -> list[str]:
    """Every field that an answer of this program may have."""
    return sorted(
        {field.encode_name for shape in Shape.__subclasses__() for field in fields(shape)}
    )


def software() -> str:
    """The version of this program, and the hash of its law."""
    return f"{version('penalty-ledger')} {program()}"


def answer(replay: Replay) -> View:
    """What of an audit depends on facts and rules alone; the replay must have its rulings."""
    view = audit_view(replay)
    return {field.name: view[field.name] for field in fields(Audit)}


def pack(question: Question, creators: Iterable[str]) -> Iterator[Line]:
    """The lines of a bundle, made as they are asked for.

    Raises LedgerError where nothing was known of a creator.
    """
    told: set[str] = set()
    rulebooks: dict[str, dict[str, Rulebook]] = {}
    said = {"part": "head", "bundle": "penalty-ledger", "format": FORMAT}
    yield "head", said | {"program": software(), "fields": vocabulary()}
    for creator in dict.fromkeys(creators):
        facts = question.known_facts(creator)
        result = question.replay(creator, facts, rulings=True)
        for rulebook in result.tables.rulebooks:
            rulebooks.setdefault(rulebook.name, {})[rulebook.label] = rulebook
        told.add(creator)
        yield from _told(creator, facts)
        yield f"answer for {creator}", {"part": "answer", "audit": answer(result)}
    for name, versions in sorted(rulebooks.items()):
        for rulebook in versions.values():
            yield f"rulebook {rulebook.label}", _rules(rulebook, question.shelf)
        about = [] if name in told else question.log.stream(name)
        if about_rulebook(about, name):
            yield from _told(name, about)


def _rules(rulebook: Rulebook, shelf: Shelf) -> View:
    for file in shelf.files(rulebook.name):
        text = file.read_bytes()
        if sha256(text).hexdigest() == rulebook.hash:
            label, digest = rulebook.label, rulebook.hash
            return {"part": "rulebook", "rulebook": label, "hash": digest, "toml": text.decode()}
    raise RulebookError(f"{rulebook.label} was changed while it was read: try again")


def _told(subject: str, facts: Iterable[Envelope]) -> Iterator[Line]:
    for e in facts:
        place = {"part": "fact", "position": e.position, "version": e.version}
        yield f"facts of {subject}", place | {"fact": to_dict(e)}
