"""Creators of the archive as the rows that the fold reads, as `standing.history` builds them."""

from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ledger.facts.envelope import REPLAY_CLASS, REST
from ledger.facts.types import FACT_TYPES, NAMES_VIOLATION, MoneyPosted
from projections.archive.reading import Part, Task, codes_of, read, whole
from projections.archive.schema import RETRACTION, RETRACTIONS
from projections.fold import state
from projections.fold.given import Fact, MeasureRow, Sizes
from projections.fold.state import (
    ABSENT,
    APPLIED,
    CLOSES_BATCH,
    DAY,
    EARLY,
    FOREVER,
    LAW_BREACH,
    NOT_RETRACTABLE,
    UNKNOWN_EVENT,
)
from projections.standing.history import SIDES, period_end
from projections.standing.tables import Tables
from replay.population import unpack
from replay.population.columns import WIDTHS, Columns, kind_of, narrow_facts

Array = NDArray[Any]

ACTS = {
    state.VIOLATION_FOUND: unpack.VIOLATION,
    state.CREATOR_ENROLLED: unpack.PROFILE,
    state.PROFILE_CHANGED: unpack.PROFILE,
    state.APPEAL_GRANTED: unpack.POINTS,
    state.RECOVERY_GRANTED: unpack.RECOVERY,
    state.EXAM_SAT: unpack.MARK,
    state.RULES_EXAM_SAT: unpack.MARK,
    state.MEASURE_IMPOSED: unpack.IMPOSED,
    state.MEASURE_LIFTED: unpack.LIFTED,
    state.MONEY_POSTED: unpack.MONEY,
    state.COURSE_TAKEN: unpack.COURSE,
    state.FEATURE_OPENED: unpack.FEATURE,
    state.FEATURE_USED: unpack.FEATURE,
    state.FACT_RETRACTED: unpack.RETRACTION,
}
FACTS = ("violation_number", "category", "effective_at", "type", "version")
DETAILS = (
    "severity", "points", "ground", "law_breach", "measures", "batch", "item", "offended_at",
    "level", "reputation", "mark", "period", "measure", "until", "account", "currency", "amount",
    "course", "feature", "rulebook", RETRACTION,
)  # fmt: skip
OUTCOMES = {
    "withdrawn": APPLIED,
    "unknown_event": UNKNOWN_EVENT,
    "not_retractable": NOT_RETRACTABLE,
}


def load(task: Task, *, known_at: int | None = None) -> Part:
    """What `columns` needs of a task. Several rulebooks may read one part."""
    facts = FACTS if known_at is None else (*FACTS, "recorded_at")
    return read(task, facts, (*DETAILS, "rulebook"), coded=True)


def columns(
    part: Part, tables: Tables, *, as_of: int = FOREVER, known_at: int | None = None
) -> Columns:
    """Rows of all creators of a part, in the order of `part.names`, as a rulebook reads them.

    Facts with an effect up to `as_of`, as known at `known_at` (None: all that is recorded). A
    creator of whom nothing was known by then, or nothing is in effect, has no facts.
    """
    order, starts = part.order(as_of, FOREVER if known_at is None else known_at)
    rare = Rare(part)
    names = _names(rare, tables)
    kind = narrow_facts() if rare.narrow() and len(tables.rulebooks) < 128 else kind_of(Fact)
    facts = np.empty(len(order), kind)
    sizes = np.zeros(len(starts) - 1, kind_of(Sizes))
    sizes["counters"] = len(tables.names.counters)
    sizes["categories"] = len(tables.book.versions[0].categories)
    sizes["features"] = len(tables.names.lapses)
    words, lists, most = _words(part, rare, tables, names)
    imposed = int((rare.numbers["measure"] >= 0).sum())
    found = int((part.kinds == state.VIOLATION_FOUND).sum())
    measures = np.empty(imposed + len(lists[1]) + found * most, kind_of(MeasureRow))
    first_measures = np.zeros(len(starts), np.int64)
    categories, _ = part.coded("category")
    numbers = part.number("violation_number")
    given = part.number("effective_at"), part.kinds, numbers, categories, part.rows_of_details
    count = unpack.unpack(
        (order, starts),
        given,
        rare.columns(),
        lists,
        _law(tables),
        words,
        _room(numbers, rare, names),
        (facts, _blank(kind), sizes, measures, first_measures),
    )
    return Columns.of(facts, starts, sizes, measures[:count], first_measures)


class Rare:
    """The details of a part as integers: words as codes, what is not given as ABSENT."""

    def __init__(self, part: Part) -> None:
        self.numbers: dict[str, Array] = {}
        self.words: dict[str, list[str]] = {}
        table = part.details
        for name in DETAILS:
            if name == "measures":
                continue
            values = whole(table, name)
            kind = values.type
            if values.null_count == len(values):  # mostly so: a log has some of the fields
                word = pa.types.is_string(kind) or pa.types.is_dictionary(kind)
                width = np.bool_ if name == "law_breach" else np.int32 if word else np.int64
                none = {"until": FOREVER, "law_breach": False}.get(name, ABSENT)
                self.numbers[name], self.words[name] = np.full(len(values), none, width), []
                continue
            if pa.types.is_string(kind) or pa.types.is_dictionary(kind):
                coded = values if pa.types.is_dictionary(kind) else values.dictionary_encode()
                self.numbers[name], self.words[name] = codes_of(coded)
                continue
            if pa.types.is_timestamp(kind):
                values = values.view(pa.int64())
            if pa.types.is_boolean(kind):
                self.numbers[name] = values.fill_null(False).to_numpy(zero_copy_only=False)
            else:
                absent = FOREVER if name == "until" else ABSENT
                self.numbers[name] = values.fill_null(absent).to_numpy()
        listed = whole(table, "measures")
        self.list_starts = _offsets(listed)
        self.listed, self.words["measures"] = codes_of(listed.flatten().dictionary_encode())
        self.numbers["money"] = self.numbers["account"] * len(self.words["currency"])
        self.numbers["money"] += self.numbers["currency"]

    def accounts(self) -> list[tuple[str, str]]:
        """By the code of money: account and currency."""
        return [(a, c) for a in self.words["account"] for c in self.words["currency"]]

    def narrow(self) -> bool:
        """Whether figures fit in the narrow record of a fact."""
        return all(
            self.numbers[name].max(initial=0) <= np.iinfo(WIDTHS[name]).max
            for name in ("points", "level", "reputation", "mark")
        )

    def columns(self) -> tuple[Array, ...]:
        """As `unpack.unpack` takes them."""
        n = self.numbers
        sides = np.array([*(SIDES.get(word, 0) for word in self.words["ground"]), 0], np.int64)
        outcomes = np.array([*(RETRACTIONS.index(w) for w in self.words[RETRACTION]), -1], np.int64)
        return (
            n["severity"], n["points"], sides[n["ground"]], n["law_breach"], n["batch"], n["item"],
            n["offended_at"], n["level"], n["reputation"], n["mark"], n["period"],
            n["measure"], n["until"], n["money"], n["amount"], n["course"], n["feature"],
            outcomes[n[RETRACTION]],
        )  # fmt: skip


def _offsets(listed: Any) -> Array:
    """Where the items of each list begin among all of them, null lists being empty."""
    lengths = listed.value_lengths().fill_null(0).to_numpy()
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _names(rare: Rare, tables: Tables) -> dict[str, int]:
    """Codes of all names of measures, of facts and of the rulebook."""
    of_rules = chain.from_iterable(
        measures for grades in tables.grades for _, measures in grades.values()
    )
    names: dict[str, int] = {}
    for name in chain(rare.words["measures"], rare.words["measure"], of_rules):
        names.setdefault(name, len(names))
    return names


def _law(tables: Tables) -> tuple[Any, ...]:
    book = tables.book
    acts = np.array([ACTS.get(kind, unpack.NOTHING) for kind in range(len(FACT_TYPES))], np.int64)
    named = np.array([t in NAMES_VIOLATION and t is not MoneyPosted for t in FACT_TYPES])
    classes = np.array([REPLAY_CLASS.get(t, REST) for t in FACT_TYPES], np.int64)
    bounds = np.array([*(rules.in_force_at for rules in book.versions[1:]), FOREVER], np.int64)
    zone = np.array(book.zone_from, np.int64), np.array(book.zone_offset, np.int64)
    accounts = len(tables.names.accounts)
    figures = CLOSES_BATCH, EARLY, LAW_BREACH, ABSENT, tables.first_at, DAY, accounts
    return acts, named, classes, bounds, zone, figures


def _words(
    part: Part, rare: Rare, tables: Tables, names: dict[str, int]
) -> tuple[tuple[Any, Any], tuple[Array, Array], int]:
    """What a rulebook makes of words, the lists of measures, and how many a category has at most.

    The table of grades is by version, category (0: unknown) and severity (0: none, or unknown).
    """
    known: dict[str, int] = {}
    graded: dict[str, int] = {}
    for grades in tables.grades:
        for category, severity in grades:
            known.setdefault(category, len(known) + 1)
            if severity:
                graded.setdefault(severity, len(graded) + 1)
    shape = len(tables.grades), len(known) + 1, len(graded) + 1
    codes, spans = np.full(shape, ABSENT, np.int64), np.zeros((*shape, 2), np.int64)
    of_rules: list[int] = []
    for version, grades in enumerate(tables.grades):
        for category, c in known.items():
            for severity, s in (("", 0), *graded.items()):
                found = grades.get((category, severity)) or grades.get((category, ""))
                if found is not None:
                    codes[version, c, s] = found[0]
                    spans[version, c, s] = len(of_rules), len(of_rules) + len(found[1])
                    of_rules += [names[name] for name in found[1]]
    _, said = part.coded("category")
    known_category = np.array([*(known.get(word, 0) for word in said), 0], np.int64)
    severities = (graded.get(word, 0) for word in rare.words["severity"])
    known_severity = np.array([0, *severities], np.int64)
    own = tables.names.accounts
    accounts = [own.get(pair, ABSENT) for pair in rare.accounts()]
    rest = (
        np.array([*accounts, 0], np.int64),
        np.array([*map(period_end, rare.words["period"]), 0], np.int64),
        np.array(
            [*(tables.names.courses.get(w, ABSENT) for w in rare.words["course"]), 0], np.int64
        ),
        np.array(
            [*(tables.names.lapses.get(w, ABSENT) for w in rare.words["feature"]), 0], np.int64
        ),
        np.array([OUTCOMES[word] for word in RETRACTIONS], np.int64),
    )
    listed = np.array([names[word] for word in rare.words["measures"]] or [0], np.int64)
    lists = rare.list_starts, listed[rare.listed]
    rare.numbers["measure"] = np.array(
        [*(names[word] for word in rare.words["measure"]), ABSENT], np.int64
    )[rare.numbers["measure"]]
    most = int((spans[..., 1] - spans[..., 0]).max(initial=0))
    rules = known_category, known_severity, codes, spans, np.array(of_rules or [0], np.int64)
    return (rules, rest), lists, most


def _room(numbers: Array, rare: Rare, names: dict[str, int]) -> tuple[Any, ...]:
    """For the slots of one creator: whose a slot is, which it is, and what else is kept of it."""

    def of(count: int, parts: int) -> tuple[Array, ...]:
        rest = (np.full(count + 1, -1, np.int64) for _ in range(parts - 1))
        return np.zeros(count + 1, np.int64), *rest

    return (
        of(int(numbers.max(initial=0)), 2),
        of(len(rare.words["batch"]), 3),
        of(len(rare.words["item"]), 2),
        of(len(names), 3),
        of(len(names), 2),
        of(len(rare.words["period"]), 2),
        of(len(rare.accounts()), 2),
    )


def _blank(kind: np.dtype[Any]) -> Array:
    """A fact that gives nothing."""
    fact = Fact(0, 0, 0, 0, 0)
    return np.array([tuple(getattr(fact, name) for name in kind.names or ())], kind)
