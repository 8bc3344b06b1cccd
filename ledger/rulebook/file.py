"""From a TOML file to a `Rulebook`: caps, parsing, citations, shape, sense.

The file may come from anybody, so it is looked at before it is parsed: `tomli` takes quadratic
time over a key with thousands of dots, and text can hide characters that turn its order round.
Then the citations are taken out, so that `msgspec` sees plain values, and every figure is asked
where it comes from. A good file goes through quickly; only a bad one pays for a full diagnosis.
"""

import re
import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import tomli

from ledger.errors import RulebookError
from ledger.rulebook.checks.sense import sense
from ledger.rulebook.citations import Citations, hidden
from ledger.rulebook.findings import BrokenRulebookError, Finding, located
from ledger.rulebook.model import OWN, Rulebook

ONE_AT_A_TIME = threading.Lock()
"""msgspec learns what a struct is when it is first used: in two threads at once, it crashes."""
MAX_BYTES = 256 * 1024
MAX_PIECES = 10_000
MAX_DOTS = 16
MAX_DEPTH = 16

# Strings and comments, so that what is left of the text is keys, brackets and plain values. An
# unclosed string runs to the end (of the line, of the file): no text is looked at twice.
_STRINGS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+",
    re.DOTALL,
)
_PIECES = re.compile(r"[=,\n{}\[\]]")
_BRACKETS = re.compile(r"[\[\]{}]")
_AT = r"\(at (?:line (\d+), column \d+|end of document)\)"


def load(file: Path | str | bytes, name: str = "rulebook") -> Rulebook:
    """Read one rulebook. `name` stands for the file in errors where bytes are given.

    Raises `BrokenRulebookError` with all that is wrong with it.
    """
    if isinstance(file, bytes):
        return _load(file, name)
    path = Path(file)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise RulebookError(f"{path}: can't be read: {error.strerror}") from error
    return _load(data, str(path))


def _load(data: bytes, name: str) -> Rulebook:
    text = _text(data, name)
    parsed = _parse(text, name)
    citations = Citations(parsed)
    findings = citations.findings
    rulebook = _convert(citations, sha256(data).hexdigest())
    if rulebook is not None and citations.numbers_fit:
        findings += sense(rulebook)
    if findings or rulebook is None:
        raise BrokenRulebookError(name, located(text, findings))
    return rulebook


def _text(data: bytes, name: str) -> str:
    def refuse(text: str, line: int = 0) -> BrokenRulebookError:
        return BrokenRulebookError(name, [Finding("", text, line)])

    if len(data) > MAX_BYTES:
        raise refuse(f"larger than {MAX_BYTES // 1024} KiB; that is as large as a rulebook may be")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refuse(f"byte 0x{data[error.start]:02x}; the file must be UTF-8", line) from None
    if found := hidden(text):
        line = text.count("\n", 0, text.index(found)) + 1
        raise refuse(f"hidden character U+{ord(found):04X}; write it out or leave it out", line)
    rest = _STRINGS.sub("", text)
    for piece in _PIECES.split(rest):
        if piece.count(".") > MAX_DOTS:
            dots = piece.count(".")
            raise refuse(f"a key with {dots} dots; at most {MAX_DOTS} are allowed")
    depth = 0
    for bracket in _BRACKETS.findall(rest):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise refuse(f"tables nested more than {MAX_DEPTH} deep")
    if sum(map(rest.count, "[{=,")) > MAX_PIECES:
        said = f"more than {MAX_PIECES:,} tables, keys and items"
        raise refuse(f"{said}; a rulebook may have no more")
    return text


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        return tomli.loads(text, parse_float=_decimal)
    except (ValueError, RecursionError) as error:
        raise BrokenRulebookError(name, [_syntax(str(error), text)]) from None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent with twenty digits
        return Decimal("Infinity")


def _syntax(message: str, text: str) -> Finding:
    """The parser's message in words for the file's author."""
    at = re.search(_AT, message)
    said = message[: at.start()].strip() if at else message
    lines = text.splitlines() or [""]
    line = min(int(at[1]), len(lines)) if at and at[1] else len(lines)
    twice = ("Cannot overwrite", "Duplicate inline", "twice", "Cannot mutate", "Cannot redefine")
    if any(words in said for words in twice):
        # The parser stops behind the header or value, on its line or at the start of the next.
        while line > 1 and not lines[line - 1].strip():
            line -= 1
        key = lines[line - 1].split("=")[0].strip()
        return Finding("", f"{key} is given twice; each key and table may stand once", line)
    if "integer string conversion" in said:
        said = "a whole number with thousands of digits"
    return Finding("", f"not TOML: {said[:1].lower()}{said[1:]}", line)


def _convert(citations: Citations, digest: str) -> Rulebook | None:
    plain, findings = citations.plain, citations.findings
    for key in OWN & plain.keys():
        del plain[key]
        findings.append(Finding(key, "unknown key; the program fills it in"))
    try:
        with ONE_AT_A_TIME:
            rulebook = msgspec.convert(plain, Rulebook, builtin_types=(date,))
    except msgspec.ValidationError as error:
        from ledger.rulebook.shapes import misshapen

        findings += misshapen(plain) or [Finding("", str(error))]
        return None
    for path in _texts(plain, rulebook, ""):
        findings.append(Finding(path, "found text; a number is needed, without quotes"))
        citations.numbers_fit = False
    written = frozenset(_paths(plain, ""))
    return msgspec.structs.replace(
        rulebook, citations=citations.by_path, written=written, hash=digest
    )


def _paths(said: Any, path: str) -> Iterator[str]:
    """Each key path of a table or list, those in it included."""
    if isinstance(said, dict | list):
        for key, value in said.items() if isinstance(said, dict) else enumerate(said):
            below = f"{path}.{key}".lstrip(".")
            yield below
            yield from _paths(value, below)


def _texts(said: Any, made: Any, path: str) -> Iterator[str]:
    """Where text became a decimal: it was not looked at as a figure."""
    if isinstance(made, Decimal):
        if isinstance(said, str):
            yield path
    elif isinstance(said, dict):
        for key, value in said.items():
            part = made[key] if isinstance(made, dict) else getattr(made, key)
            yield from _texts(value, part, f"{path}.{key}".lstrip("."))
    elif isinstance(said, list):
        for i, pair in enumerate(zip(said, made, strict=True)):
            yield from _texts(*pair, f"{path}.{i}")
