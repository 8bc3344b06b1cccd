"""A case as a shell script, so that it can be looked at with the program itself."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from shlex import quote

from msgspec.structs import replace as altered

from ledger.facts.cloudevents import encode
from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled
from ledger.rulebook.model import Rulebook
from ledger.rulebook.shelf import SHIPPED

from .books import SHELVES, Book
from .changes import Change

NAME = "tried"
"""Of the rulebook, so that no other version of the name is in force."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def script(
    book: Book, change: Change | None, facts: Sequence[Envelope], as_of: int
) -> Iterator[str]:
    """Lines for a shell in the root of the project: audits, and compares with the change."""
    yield "dir=$(mktemp -d) && mkdir -p $dir/rulebooks/tried"
    for rulebook in book.versions:
        yield _copied(rulebook)
    yield "cat > $dir/facts.jsonl <<'END'"
    for e in sorted(facts, key=lambda e: e.position):
        fact = e.fact
        if isinstance(fact, CreatorEnrolled):
            fact = altered(fact, rulebook=NAME)
        yield encode(altered(e, fact=fact, recorded_at=0, position=0))
    yield "END"
    options = "--db sqlite:///$dir/db --rulebooks $dir/rulebooks"
    yield f'ask() {{ .venv/bin/penalty-ledger {options} "$@"; }}'
    yield "ask import $dir/facts.jsonl"
    at = (EPOCH + timedelta(microseconds=as_of)).isoformat()
    yield f"ask audit c --as-of {at}"
    if change is not None:
        yield f"ask what-if c --as-of {at} --set {quote(f'{change.key}={change.value}')}"


def _copied(rulebook: Rulebook) -> str:
    """The file of a version under the name and from the date that it has here."""
    edits = (
        f's/^name = .*/name = "{NAME}"/',
        f's/^version = .*/version = "{rulebook.version}"/',
        rf"/^in_force_from/s/[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}/{rulebook.in_force_from}/",
    )
    told = " ".join(f"-e {quote(edit)}" for edit in edits)
    return f"sed -E {told} {_file(rulebook)} > $dir/rulebooks/{NAME}/{rulebook.version}.toml"


def _file(rulebook: Rulebook) -> Path:
    """By its bytes: a mixture's second version has another name and date than its file."""
    root = SHIPPED.parents[1]
    return next(
        file.relative_to(root)
        for shelf in (SHIPPED, *SHELVES)
        for file in shelf.glob("*/*.toml")
        if sha256(file.read_bytes()).hexdigest() == rulebook.hash
    )
