"""A rulebook as prose: a walk over the structs that says each field with its sentence.

No concept is known here by name: the sentences are in `rulebook_sentences`, and what a struct is
(an inline phrase, or a block with a heading) follows from whether it has sentences or a heading.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace as with_

from ledger.rulebook.citations import Citation
from ledger.rulebook.figures import TEXTS, figures
from ledger.rulebook.model import OWN, Counter, Feature, Rulebook, Stop, Title
from ledger.rulebook.prose.quoted import named, quoted
from ledger.rulebook.prose.sentences import HEADINGS, ONLY_BESIDE, SENTENCES, Both

LANGUAGES = ("en", "zh")
INLINE = {
    "Stop": (" ", ""),
    "Fine": (" ", ""),
    "Duration": (" ", ""),
    "CleanRun": (" ", ""),
    "Feature": ("", ""),
}
"""Structs that are a phrase, and what stands between the parts of it."""
SAID_ELSEWHERE = {*OWN, *TEXTS, "name", "version", "en", "zh"}
"""Fields of the head, and names, that headings say."""
NAMES = {
    "feature": "features",
    "counter": "counters",
    "categories": "categories",
    "measures": "words",
    "account": "words",
}
"""{field that names something: table in which it is found}."""
KEYS = {"Lapse": "features"}
"""{struct that stands in a table under the name of something: table in which that is found}."""
NONE, EMPTY, TALLY = "none", "empty", "tally"
ORDER = {key.partition("=")[0]: place for place, key in reversed(list(enumerate(SENTENCES)))}
"""Fields are said in the order of their sentences."""
OR, AND = (" or ", "或"), (" and ", "、")


class Line(Struct, frozen=True):
    """A heading or a sentence, in both languages, with where it comes from."""

    text: Title
    depth: int
    """0 for the title, 1 for a concept, 2 and 3 for a thing in it."""
    path: str = ""
    """Key path of the figure; a heading that says none has none."""
    citations: tuple[Citation, ...] = ()
    """Where it comes from; several where the figures of one phrase have each their own."""
    heading: bool = False


class Number(str):
    """A figure as text that knows the English forms of its noun."""

    __slots__ = ()

    def __format__(self, noun: str) -> str:
        if noun == "nth":
            ending = {"1": "st", "2": "nd", "3": "rd"}.get(self[-1], "th")
            return f"{self}{'th' if self[-2:-1] == '1' else ending}"
        if not noun:
            return str(self)
        if noun == "time":
            return {"1": "once", "2": "twice"}.get(self, f"{self} times")
        return f"{self} {noun}" + ("" if self == "1" else "s")


def prose(r: Rulebook) -> Iterator[Line]:
    """The whole rulebook: head, concepts, the rules' own words, sources."""
    yield Line(Title(f"{r.title.en} ({r.label})", f"{r.title.zh}（{r.label}）"), 0, heading=True)
    later = []
    for field, value in _fields(r):
        line = list(_field(r, r, field, value, field, 1))
        if field in HEADINGS:
            later.append((field, line))
        else:
            yield from line
    for field, lines in later:
        if lines:
            yield Line(Title(*HEADINGS[field]), 1, heading=True)
            yield from lines
    for table, words in (("redress", r.redress), ("clauses", r.clauses)):
        if words:
            yield Line(Title(*HEADINGS[table]), 1, heading=True)
        for word, plain in words.items():
            path = f"{table}.{word}"
            said = quoted(r, word) if table == "clauses" else plain
            yield Line(said or plain, 1, path, (r.cite(path),))
    if r.sources:
        yield Line(Title(*HEADINGS["sources"]), 1, heading=True)
        for key, source in r.sources.items():
            title, where = named(source), (source.file or source.url, source.date)
            en = ", ".join(filter(None, [title.en, *where]))
            zh = "，".join(filter(None, [title.zh, *where]))
            yield Line(Title(f"{key}: {en}", f"{key}：{zh}"), 1, f"sources.{key}")


def assumed(r: Rulebook) -> tuple[int, int]:
    """(how many numbers and yes-or-nos no source gives, how many there are)."""
    numbers = [p for p, v in figures(r).items() if isinstance(v, int | Decimal)]
    return sum(r.cite(path).assumed for path in numbers), len(numbers)


def _fields(item: Struct) -> Iterator[tuple[str, Any]]:
    kind, last = type(item).__name__, len(ORDER)
    names = sorted(item.__struct_fields__, key=lambda name: ORDER.get(f"{kind}.{name}", last))
    for name in names:
        beside = ONLY_BESIDE.get(f"{kind}.{name}")
        if name not in SAID_ELSEWHERE and (beside is None or getattr(item, beside) is not None):
            yield name, getattr(item, name)


def _field(
    r: Rulebook, holder: Struct, name: str, value: Any, path: str, depth: int
) -> Iterator[Line]:
    """What one field comes to: a sentence, several, a block, or nothing."""
    kind = _kind(r, f"{type(holder).__name__}.{name}", path)
    match value:
        case dict():
            for key, item in value.items():
                below = f"{path}.{key}"
                if isinstance(item, Struct):
                    yield from _thing(r, item, below, depth + 1, key)
                else:
                    yield _line(kind, r, below, depth, v=_shown(item), k=(key, key))
        case tuple() if value and isinstance(value[0], Struct):
            for i, item in enumerate(value):
                below = f"{path}.{i}"
                if type(item).__name__ in INLINE:
                    yield _line(kind, r, below, depth, item, v=_phrase(r, item))
                else:
                    yield from _thing(r, item, below, depth + 1, str(i + 1))
        case Struct() if type(value).__name__ in INLINE:
            yield _line(kind, r, path, depth, value, v=_phrase(r, value))
        case Struct():
            for inner, item in _fields(value):
                yield from _field(r, value, inner, item, f"{path}.{inner}", depth)
        case _:
            yield from _sentence(r, kind, name, value, path, depth)


def _kind(r: Rulebook, kind: str, path: str) -> str:
    """The field's sentence; where it differs, that of the head's word, or of a tally."""
    if (own := f"{kind}={r.crossing}") in SENTENCES:
        return own
    if (own := f"{kind}={TALLY}") not in SENTENCES:
        return kind
    table, _, rest = path.partition(".")
    concept = getattr(r, table)
    if isinstance(concept, dict):
        concept = concept[rest.partition(".")[0]]
    if isinstance(concept, Counter):
        return kind
    counter = r.counters[concept.counter or next(iter(r.counters))]
    return own if counter.direction == TALLY else kind


def _sentence(
    r: Rulebook, kind: str, name: str, value: Any, path: str, depth: int
) -> Iterator[Line]:
    key = _key(kind, value)
    if key in SENTENCES:
        yield _line(key, r, path, depth, v=_value(r, kind, name, value))


def _key(kind: str, value: Any) -> str:
    """The sentence's key: by the word where each has its own, and for what is left out."""
    if value == () and f"{kind}={EMPTY}" in SENTENCES:
        return f"{kind}={EMPTY}"
    if value is None or value in {(), ""}:
        return f"{kind}={NONE}"
    if isinstance(value, bool):
        return f"{kind}={str(value).lower()}"
    return f"{kind}={value}" if f"{kind}={value}" in SENTENCES else kind


def _thing(r: Rulebook, item: Struct, path: str, depth: int, key: str) -> Iterator[Line]:
    """Something with a name or a place: its heading, then its fields."""
    kind = type(item).__name__
    named = getattr(item, "title", None) or getattr(r, KEYS.get(kind, ""), {}).get(key)
    title = named or Title(key, key)
    given = {field: _shown(value) for field, value in _fields(item) if _scalar(value)}
    untitled = HEADINGS.get(f"{kind}={NONE}", HEADINGS[kind])
    heading = HEADINGS[kind] if named else untitled
    texts = [
        template.format_map(
            {"k": key, "title": getattr(title, language)}
            | {field: shown[i] for field, shown in given.items()}
        )
        for i, (language, template) in enumerate(zip(LANGUAGES, heading, strict=True))
    ]
    said = next((f"{path}.{field}" for field in given if f"{{{field}" in heading[0]), "")
    yield Line(Title(*texts), depth, said, (r.cite(said),) if said else (), heading=True)
    for field, value in _fields(item):
        if f"{{{field}" not in heading[0]:
            yield from _field(r, item, field, value, f"{path}.{field}", depth)


def _scalar(value: Any) -> bool:
    return isinstance(value, int | Decimal | str) and not isinstance(value, bool)


def _phrase(r: Rulebook, item: Struct) -> Both:
    """An inline struct as a phrase."""
    kind = type(item).__name__
    feature = r.features.get(item.feature) if isinstance(item, Stop) else None
    if isinstance(item, Stop) and feature and (named := feature.named(for_good=item.permanent)):
        length = _phrase(r, with_(item, feature="", permanent=False))
        return " ".join(filter(None, (named.en, length[0]))), named.zh + length[1]
    parts = [
        _filled(key, v=_value(r, kind, field, value))
        for field, value in _fields(item)
        if value is not None
        and value is not False
        and value != ""
        and (key := _key(f"{kind}.{field}", value)) in SENTENCES
    ]
    en, zh = INLINE[kind]
    return en.join(part[0] for part in parts), zh.join(part[1] for part in parts)


def _cited(r: Rulebook, item: Struct | None, path: str) -> tuple[Citation, ...]:
    """Each citation of a figure, or of the figures in a phrase, once."""
    if item is None:
        return (r.cite(path),)
    given = (name for name, value in _fields(item) if _scalar(value) or value is True)
    own = (r.cite(f"{path}.{name}") for name in given if f"{path}.{name}" in r.citations)
    return tuple(dict.fromkeys(own)) or (r.cite(path),)


def _value(r: Rulebook, kind: str, name: str, value: Any) -> Both:
    """A value as people call it: by its title where it names something."""
    if isinstance(value, tuple) and value:
        items = [_value(r, kind, name, item) for item in value]
        last = OR if f"{kind}={value[0]}" in SENTENCES else AND
        return _listed(", ", last[0], items, 0), _listed("、", last[1], items, 1)
    if (word := f"{kind}={value}") in SENTENCES:
        return SENTENCES[word]
    named = getattr(r, NAMES[name], {}).get(value) if name in NAMES else None
    if isinstance(named, Feature):
        return _filled(f"Feature.kind={named.kind}", v=(named.en, named.zh))
    title = named if isinstance(named, Title) else getattr(named, "title", None)
    return (title.en, title.zh) if title is not None else _shown(value)


def _listed(comma: str, last: str, items: list[Both], language: int) -> str:
    texts = [item[language] for item in items]
    return last.join(filter(None, [comma.join(texts[:-1]), texts[-1]]))


def _shown(value: Any) -> Both:
    match value:
        case Decimal():
            text = Number(f"{value.normalize():f}")
            return text, text
        case date():
            en = f"{value.day} {value:%B %Y}"
            return en, f"{value.year}年{value.month}月{value.day}日"
        case int():
            return Number(value), Number(value)
        case _:
            return str(value), str(value)


def _line(
    key: str, r: Rulebook, path: str, depth: int, phrase: Struct | None = None, **values: Both
) -> Line:
    en, zh = _filled(key, **values)
    return Line(Title(en[:1].upper() + en[1:], zh), depth, path, _cited(r, phrase, path))


def _filled(key: str, **values: Both) -> Both:
    en, zh = (
        template.format_map({name: value[i] for name, value in values.items()})
        for i, template in enumerate(SENTENCES[key])
    )
    return en, zh
