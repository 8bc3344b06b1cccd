"""Where each figure comes from: the citations of a file, taken out of its parsed TOML.

A figure is a plain value or `{ value = 7, clause = "§7", source = "002" }`, and a table may carry
`clause`, `source`, `assumed` and `note` beside its own keys. A figure takes the nearest of these,
its own first; the four keys are never mixed from two places. A number with none is a finding.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from msgspec import Struct

from ledger.rulebook.findings import MANY, Finding, near

KEYS = {"clause": str, "source": str, "assumed": bool, "note": str}
LANGUAGES = ("en", "zh")
"""Of a note; one that is a plain text is shown in both."""
NAMED = ("features", "words")
"""Tables in which any key is a name, `note` too."""
LARGEST = 10**9
# Control, format (bidi, zero-width) and line-separator characters, less tab and newlines.
_HIDDEN = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}")
_NEEDED = "clause and source, or assumed = true and a note that says why"


def hidden(text: str) -> str:
    """The first character of a text that a reader does not see; empty where there is none."""
    if text.replace("\n", "").isprintable():
        return ""  # no need to compile the pattern
    match = re.search(_HIDDEN, text)
    return match[0] if match else ""


class Citation(Struct, frozen=True):
    """Where a figure comes from. `assumed` figures have a note instead of a source."""

    clause: str = ""
    source: str = ""
    """Key into `Rulebook.sources`."""
    assumed: bool = False
    note: str = ""
    note_zh: str = ""
    """In Chinese; empty where the file has one text for both languages."""

    def why(self, language: str) -> str:
        """The note in a language."""
        return self.note_zh if language == "zh" and self.note_zh else self.note

    @property
    def label(self) -> str:
        """As rulings print it: `002 §10(1)`, and `assumed` where nobody says it."""
        where = f"{self.source} {self.clause}".strip()
        if self.assumed:
            return f"assumed ({where})" if where else "assumed"
        return where


UNSAID = Citation(assumed=True, note="not said: the default", note_zh="原文未载，按默认处理")
"""Of what a file leaves out."""


class Citations:
    """What one pass over a parsed file finds: `plain` is the file without its citations."""

    def __init__(self, parsed: dict[str, Any]) -> None:
        sources = parsed.get("sources")
        self.sources = set(sources) if isinstance(sources, dict) else set()
        self.by_path: dict[str, Citation] = {}
        self.findings: list[Finding] = []
        self.numbers_fit = True
        """Whether figures may be compared: NaN and the like have been found otherwise."""
        self.plain = self._table(parsed, "", cited=False)

    def _table(self, table: dict[str, Any], path: str, *, cited: bool) -> dict[str, Any]:
        # A category or node may bear the name of a citation key: then its value is a table.
        own = {k: v for k, v in table.items() if k in KEYS and _cites(k, v, path)}
        if own:
            self._cite(path, own)
        plain = {}
        for key, value in table.items():
            if key in own:
                continue
            if not _NAME.fullmatch(key):
                self._key(path, key)
                continue
            below = f"{path}.{key}" if path else key
            plain[key] = self._item(value, below, cited=cited or bool(own))
        return plain

    def _item(self, value: Any, path: str, *, cited: bool) -> Any:
        if isinstance(value, dict):
            if "value" in value and not isinstance(value["value"], dict):
                return self._figure(value, path, cited=cited)
            return self._table(value, path, cited=cited)
        if isinstance(value, list):
            return [self._item(v, f"{path}.{i}", cited=cited) for i, v in enumerate(value)]
        if isinstance(value, str):
            self._text(value, path)
        elif isinstance(value, int | Decimal) and not isinstance(value, bool):
            if problem := unfit(value):
                self.numbers_fit = False
                self._find(path, problem)
            if not cited:
                self._find(path, f"the figure {_shown(value)} has no citation; it needs {_NEEDED}")
        return value

    def _figure(self, table: dict[str, Any], path: str, *, cited: bool) -> Any:
        own = {k: v for k, v in table.items() if k in KEYS}
        if own:
            self._cite(path, own)
        for key in table.keys() - own.keys() - {"value"}:
            self._find(f"{path}.{key}", "unknown key", (key, ["value", *KEYS]))
        return self._item(table["value"], path, cited=cited or bool(own))

    def _cite(self, path: str, own: dict[str, Any]) -> None:
        if isinstance(both := own.get("note"), dict) and _in_both(both):
            own |= {"note": both["en"], "note_zh": both["zh"]}
        for key, value in own.items():
            kind = KEYS[key.removesuffix("_zh")]
            if not isinstance(value, kind):
                wanted = "text in quotes" if kind is str else "true or false"
                self._find(
                    f"{path}.{key}".lstrip("."), f"found {_shown(value)}; {wanted} is needed"
                )
                return
            if isinstance(value, str):
                self._text(value, f"{path}.{key}".lstrip("."))
        citation = Citation(**own)
        self.by_path[path] = citation
        if citation.source and citation.source not in self.sources:
            where = f"{path}.source".lstrip(".")
            said = f'no such source "{citation.source}" in [sources]'
            self._find(where, said, (citation.source, self.sources))
        if citation.assumed and not citation.note:
            self._find(path, "assumed = true needs a note that says why")
        elif not citation.assumed and not (citation.clause and citation.source):
            self._find(path, f"a citation needs {_NEEDED}")

    def _text(self, value: str, path: str) -> None:
        if found := hidden(value):
            self._find(path, f"hidden character U+{ord(found):04X} in the text")

    def _key(self, path: str, key: str) -> None:
        shown = key[:64].encode("ascii", "backslashreplace").decode()
        self._find(path, f'key "{shown}"; a key is made of letters, digits, _ and -, 64 at most')

    def _find(self, path: str, text: str, meant: tuple[str, Iterable[str]] | None = None) -> None:
        if len(self.findings) < MANY:
            self.findings.append(Finding(path, text + (near(*meant) if meant else "")))


def _cites(key: str, value: Any, path: str) -> bool:
    """Whether a key of a table is a part of its citation, and no name."""
    if not isinstance(value, dict):
        return True
    return key == "note" and path not in NAMED and _in_both(value)


def _in_both(note: dict[str, Any]) -> bool:
    """Whether a table is a note in both languages."""
    return note.keys() == set(LANGUAGES) and all(isinstance(v, str) for v in note.values())


def unfit(value: int | Decimal) -> str:
    """What is wrong with a figure, empty where nothing is: the fold counts in hundredths."""
    if isinstance(value, Decimal) and not value.is_finite():
        return f"found {_shown(value)}; a figure must be finite"
    if value < 0:
        return f"found {_shown(value)}; a figure can't be negative"
    if value > LARGEST:
        return f"found {_shown(value)}; a figure may be {LARGEST} at most"
    if isinstance(value, Decimal) and int(value.as_tuple().exponent) < -2:
        return f"found {_shown(value)}; a figure has at most two decimals"
    return ""


def _shown(value: object) -> str:
    text = str(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 40 else f"{text[:37]}…"
