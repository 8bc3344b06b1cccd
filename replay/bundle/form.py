"""The lines of a bundle (`docs/bundle.md`): JSONL, each line a part, and hashes over all of them.

The last line has the SHA-256 of all bytes before it, the last but one a table with that of each run
of lines: so an altered byte is found by the one and named by the other.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct

from ledger.errors import InputError
from ledger.facts.cloudevents import Refusal, parse
from ledger.facts.envelope import Envelope
from ledger.rulebook.file import load
from ledger.rulebook.model import Rulebook
from ledger.text import safe
from projections.standing.writing import json_line

FORMAT = 1
START = b'{"part":"head","bundle":"penalty-ledger",'
_SEAL = re.compile(rb'\{"table":"([0-9a-f]{64})","sha256":"[0-9a-f]{64}"\}\n')
Place: TypeAlias = Annotated[int, Meta(ge=1, le=2**63 - 1)]
View = dict[str, Any]


class _Part(Struct, tag_field="part", frozen=True, forbid_unknown_fields=True):
    """A line."""


class Head(_Part, tag="head", frozen=True):
    """What the file is, and who wrote it."""

    bundle: Literal["penalty-ledger"]
    format: int
    program: str
    """The version of the software, and the hash of its law."""
    fields: list[str]
    """Every field that its answers may have: one that is new since is not compared."""


class Rules(_Part, tag="rulebook", frozen=True):
    """A version of a rulebook, as its file has it."""

    rulebook: str
    hash: str
    toml: str


class Told(_Part, tag="fact", frozen=True):
    """A fact as it is recorded."""

    position: Place
    version: Place
    fact: Raw
    """A CloudEvent with `recordedtime`."""


class Audit(Struct, frozen=True, forbid_unknown_fields=True):
    """Of what `audit --json` prints all that depends on facts and rules alone."""

    creator: str
    as_of: str
    known_at: str
    rulebook: str
    rulebooks: dict[str, str]
    standing: View
    rulings: list[View]
    time: list[View]


class Answer(_Part, tag="answer", frozen=True):
    """What was answered about a creator."""

    audit: Audit


class Run(Struct, frozen=True, forbid_unknown_fields=True):
    """Lines that belong together."""

    name: str
    lines: Place
    sha256: str


class Table(_Part, tag="table", frozen=True):
    """The runs of the file, in order, without itself and the last line."""

    runs: list[Run]


class Bundle(Struct, frozen=True):
    """What a file holds."""

    head: Head
    rulebooks: dict[str, list[Rulebook]]
    """By name, in the order in which they come into force."""
    facts: dict[str, list[Envelope]]
    """By creator, or by the rulebook's name where they are about that, by position."""
    answers: list[Answer]
    hash: str
    """Of the file without its last line."""


Line: TypeAlias = tuple[str, View]
"""The name of its run, and what it says."""


def written(lines: Iterable[Line]) -> Iterator[bytes]:
    """The lines of a file, with their table and hashes behind them."""
    return sealed((name, json_line(said).encode() + b"\n") for name, said in lines)


def sealed(lines: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The same of lines as bytes, each with its end."""
    whole, runs = sha256(), []
    for name, group in groupby(lines, lambda line: line[0]):
        run, count = sha256(), 0
        for _, text in group:
            run.update(text)
            whole.update(text)
            count += 1
            yield text
        runs.append({"name": name, "lines": count, "sha256": run.hexdigest()})
    table = json_line({"part": "table", "runs": runs}).encode() + b"\n"
    whole.update(table)
    yield table
    yield _seal(table, whole.hexdigest())


def _seal(table: bytes, digest: str) -> bytes:
    return f'{{"table":"{sha256(table).hexdigest()}","sha256":"{digest}"}}\n'.encode()


_table = msgspec.json.Decoder(Table).decode
_line = msgspec.json.Decoder(Head | Rules | Told | Answer | Table).decode


def read(data: bytes, name: str) -> Bundle:
    """The bundle of a file's bytes; `name` stands for the file.

    Raises InputError where it is none, of a newer program, cut off or altered, and says where.
    """
    body, seal = _split(data)
    above, table = _split(body)
    digest = sha256(body).hexdigest()
    if seal != _seal(table, digest):
        if not data.startswith(START) and not _SEAL.fullmatch(seal):
            raise InputError(f"{name} is no bundle: `export --bundle` writes one")
        raise InputError(f"{name} is not as it was written: {_altered(above, table, seal)}")
    lines = body.split(b"\n")[:-1]
    newer = re.match(re.escape(START) + rb'"format":(\d{1,9}),', lines[0] if lines else b"")
    if newer and int(newer[1]) > FORMAT:
        raise InputError(
            f"{name} was written by a newer version of this program (format {int(newer[1])}, this "
            f"one knows {FORMAT}): upgrade it to read this bundle"
        )
    return _Reader(name).all(lines, digest)


def _split(data: bytes) -> tuple[bytes, bytes]:
    """All lines but the last, and that."""
    cut = data.rfind(b"\n", 0, max(len(data) - 1, 0)) + 1
    return data[:cut], data[cut:]


def _altered(above: bytes, table: bytes, seal: bytes) -> str:
    """Which lines are not those that were written."""
    lines = [line + b"\n" for line in above.split(b"\n")[:-1]]
    kept = _SEAL.fullmatch(seal)
    if kept is None:
        return f"it is cut off, or its last line (line {len(lines) + 2:,}) is altered"
    try:
        runs = _table(table).runs if sha256(table).hexdigest() == kept[1].decode() else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        runs = None
    if runs is None:
        return f"the table of its parts (line {len(lines) + 1:,}) or its last line is altered"
    at = 0
    for run in runs:
        own = lines[at : at + run.lines]
        if sha256(b"".join(own)).hexdigest() != run.sha256:
            until = f" to {at + run.lines:,}" if run.lines > 1 else ""
            return f"{safe(run.name)} (line {at + 1:,}{until}) is altered"
        at += run.lines
    return f"its last line (line {len(lines) + 2:,}) is altered"


class _Reader:
    """Goes through the lines of a file whose hash is right, which anybody can make."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.number = 0

    def all(self, lines: Sequence[bytes], digest: str) -> Bundle:
        head: Head | None = None
        rulebooks: dict[str, list[Rulebook]] = {}
        facts: dict[str, list[Envelope]] = {}
        answers: list[Answer] = []
        for self.number, line in enumerate(lines, 1):
            match self._part(line):
                case Head() as head if self.number == 1:
                    pass
                case Rules() as rules:
                    rulebook = self._rulebook(rules)
                    rulebooks.setdefault(rulebook.name, []).append(rulebook)
                case Told() as told:
                    fact = self._fact(told)
                    self._follow(facts.setdefault(fact.subject, []), fact)
                case Answer() as answer:
                    if answer.audit.creator in {other.audit.creator for other in answers}:
                        raise self._wrong("there is an answer about that creator already")
                    answers.append(answer)
                case Table() if self.number == len(lines):
                    pass
                case _:
                    raise self._wrong("it is out of place")
        if not isinstance(head, Head) or not answers:
            raise self._wrong("it has no head or no answer")
        for versions in rulebooks.values():
            versions.sort(key=lambda r: r.in_force_from)
        return Bundle(head, rulebooks, facts, answers, digest)

    def _wrong(self, what: str) -> InputError:
        return InputError(
            f"{self.name}, line {self.number:,}, is no part of a bundle: {safe(what)}"
        )

    def _part(self, line: bytes) -> Head | Rules | Told | Answer | Table:
        try:
            part: Head | Rules | Told | Answer | Table = _line(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._wrong(str(error)) from None
        return part

    def _rulebook(self, rules: Rules) -> Rulebook:
        text = rules.toml.encode("utf-8", "surrogatepass")
        rulebook = load(text, safe(rules.rulebook))
        if (rulebook.label, rulebook.hash) != (rules.rulebook, rules.hash):
            raise self._wrong(f"the rulebook is {rulebook.label} with the hash {rulebook.hash}")
        return rulebook

    def _follow(self, stream: list[Envelope], fact: Envelope) -> None:
        last = stream[-1].position if stream else 0
        if fact.version != len(stream) + 1 or fact.position <= last:
            raise self._wrong(f"not the fact no. {len(stream) + 1} of {fact.subject!r}")
        stream.append(fact)

    def _fact(self, told: Told) -> Envelope:
        text, at = bytes(told.fact), self.number
        said = parse(text, file=self.name, line_no=at, trust_recorded_times=True)
        if isinstance(said, Refusal):
            raise InputError(str(said))
        if not said.recorded_at:
            raise self._wrong("the fact has no recordedtime")
        return msgspec.structs.replace(said, position=told.position, version=told.version)
