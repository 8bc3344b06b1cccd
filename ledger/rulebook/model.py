"""A rulebook as data: what a version of the rules says, in typed structs.

The file is TOML (`docs/rulebooks.md`). A figure is a plain number or `{ value = 7, clause = "…",
source = "…" }`; it takes the citation of the nearest enclosing table that has one, and
`assumed = true` stands where no source gives it. The loader takes the citations out of the file
before the structs here are filled, so the structs hold plain values and `Rulebook.citations` holds
{key path: Citation}. Points are decimals as written; `projections.standing.tables` turns them into
the integers the fold reads.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from ledger.rulebook.citations import UNSAID, Citation
from ledger.rulebook.concepts import Concept, Way

DURATIONS = ("hours", "days", "natural_days", "months", "occasions")
STOP_LENGTHS = (*DURATIONS, "permanent", "while_triggered")
NODE_LIMITS = ("below", "at_or_below", "at_or_above", "above")
OWN = frozenset({"citations", "written", "hash"})
"""Fields of `Rulebook` that the loader fills; no file has them."""


class Title(Struct, frozen=True, forbid_unknown_fields=True):
    """What something is called, or how a rule reads, in both languages."""

    en: str
    zh: str


class Feature(Title, frozen=True, forbid_unknown_fields=True):
    """Something that a stop may name: a feature that is stopped, or a sanction that stops none."""

    kind: Literal["feature", "sanction"] = "feature"
    """A `sanction`, such as a warning, is given and withdrawn; what it lasts is called a stop."""
    stopped: Title | None = None
    """What a stop of it is called, where it has a name of its own: `a suspension`, `停赛`."""
    stopped_for_good: Title | None = None
    """And what one without an end is called: `expulsion`, `清退店铺`."""

    def named(self, *, for_good: bool) -> Title | None:
        """What a stop of it is called, where it has a name of its own."""
        return self.stopped_for_good if for_good else self.stopped


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """A document the figures come from. `date` is that of the copy that was read."""

    title: str | Title
    """Its own; a pair of texts says what a document is that has none."""
    language: Literal["", "en", "zh"] = ""
    """In which it is written: `[clauses]` in it are its own words, the other is our reading."""
    file: str = ""
    url: str = ""
    date: str = ""


class Duration(Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly one of the fields. Hours and days are exact; natural days and months are local."""

    hours: int | None = None
    days: int | None = None
    natural_days: int | None = None
    months: int | None = None


class Reset(Struct, frozen=True, forbid_unknown_fields=True):
    """The counter starts again, at 00:00 of local dates or in cycles from enrolment: no credit.

    Running stops go on. Points gone by a reset are not restored by a later appeal.
    """

    on: tuple[str, ...] = ()
    """Dates as MM-DD."""
    every_months: int | None = None
    """Cycles from the local date of enrolment."""
    not_from: Decimal | None = None
    """A tally at or above (a balance at or below) this is not reset."""
    carry_from: Decimal | None = None
    """A tally at or above (a balance at or below) this is set to `carry` and not to `initial`."""
    carry: Decimal | None = None
    not_while_owing: bool = False
    """Not while any account is still owed."""
    after_stops: bool = False
    """While stops of this counter run, it waits for their end."""


class Counter(Struct, frozen=True, forbid_unknown_fields=True):
    """A score. A `balance` loses points by violations, a `tally` collects them."""

    direction: Literal["balance", "tally"]
    initial: Decimal
    floor: Decimal = Decimal(0)
    cap: Decimal | None = None
    title: Title | None = None
    expires_after: Duration | None = None
    """Points of a violation stop counting this long after its local date, at 00:00."""
    expires_from: Literal["found", "offence", "effect"] = "found"
    """Whose date: of the finding, of the offence where the fact gives it, or of taking effect."""
    expiry_pauses: bool = False
    """The time in which a stop of this counter runs is no part of `expires_after`."""
    reset: Reset | None = None


class Stop(Struct, frozen=True, forbid_unknown_fields=True):
    """What a node stops, and how long: exactly one of the fields after `feature`."""

    feature: str
    hours: int | None = None
    days: int | None = None
    natural_days: int | None = None
    months: int | None = None
    occasions: int | None = None
    permanent: bool = False
    while_triggered: bool = False


class Fine(Struct, frozen=True, forbid_unknown_fields=True):
    """Money that a violation of the category is due, on an account of its own."""

    account: str
    amount: Decimal
    currency: str


class Node(Struct, frozen=True, forbid_unknown_fields=True):
    """A limit on a counter: exactly one of below, at_or_below, at_or_above, above."""

    stops: tuple[Stop, ...]
    counter: str = ""
    """Name of the counter; may be left out where the rulebook has one only."""
    below: Decimal | None = None
    at_or_below: Decimal | None = None
    at_or_above: Decimal | None = None
    above: Decimal | None = None
    lifted_by: tuple[Literal["appeal", "exam"], ...] = ()
    every: Decimal | None = None
    """The node repeats at each further multiple of this beyond its limit."""
    release_at: Decimal | None = None
    """`while_triggered` stops last until the score is back here (locked below 60, open at 100)."""
    fines: tuple[Fine, ...] = ()
    """Demanded each time the node starts, and no more when it is lifted."""
    removes: Decimal | None = None
    """Points taken off the counter once a stop of the node is served: a tally begins anew."""
    title: Title | None = None


class Severity(Struct, frozen=True, forbid_unknown_fields=True):
    """What a category comes to at one severity; what is absent is the category's."""

    points: Decimal | None = None
    restorable: Decimal | None = None
    measures: tuple[str, ...] = ()
    fines: tuple[Fine, ...] | None = None
    """An empty list says that there is none."""
    stops: tuple[Stop, ...] | None = None
    not_after: Duration | None = None
    title: Title | None = None

    def says(self, field: str) -> bool:
        """Whether it gives a field of the category itself; measures come on top."""
        return getattr(self, field, None) != getattr(NO_SEVERITY, field, None)


NO_SEVERITY = Severity()
OVERRIDES = tuple(f for f in Severity.__struct_fields__ if f not in ("measures", "title"))
"""Fields that stand at a severity in the category's stead."""


class Category(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of violation. Without `points` each fact must bring its own."""

    title: Title
    points: Decimal | None = None
    restorable: Decimal | None = None
    """What a passed exam restores; absent: the category has no exam."""
    counter: str = ""
    measures: tuple[str, ...] = ()
    """Measures that go with each violation of the category, beside those the fact names."""
    fines: tuple[Fine, ...] = ()
    stops: tuple[Stop, ...] = ()
    """Features that each violation of the category stops by itself; lifted when it is void."""
    severities: dict[str, Severity] = {}
    expires_after: Duration | None = None
    """Instead of the counter's."""
    once_per_item: bool = False
    """A further violation of the category about the same item has no effect."""
    not_after: Duration | None = None
    """The limitation period: what is found this long after it was committed has no effect."""

    def at(self, severity: str) -> "Category":
        """The category as it is at a severity; empty, or not here: as it is without one."""
        given = self.severities.get(severity)
        if given is None:
            return self
        own = {field: getattr(given, field) for field in OVERRIDES if given.says(field)}
        return replace(self, **own, measures=self.measures + given.measures)

    def place(self, severity: str, field: str) -> str:
        """Where a field of it stands at a severity: `severities.grave.points`, or `points`."""
        given = self.severities.get(severity)
        own = given is not None and given.says(field)
        return f"severities.{severity}.{field}" if own else field

    def grades(self) -> Iterator[tuple[str, "Category"]]:
        """The category without a severity, which is empty, and then as it is at each."""
        for severity in ("", *self.severities):
            yield severity, self.at(severity)


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """What the n-th offence of a ladder comes to, and each further one up to the next step."""

    nth: int
    points: Decimal | None = None
    """Instead of the category's."""
    fines: tuple[Fine, ...] | None = None
    """Instead of the category's; an empty list says that there is none."""
    stops: tuple[Stop, ...] | None = None


class Ladder(Struct, frozen=True, forbid_unknown_fields=True):
    """Offences that are counted, and what follows from the count. An offence climbs one ladder."""

    steps: tuple[Step, ...]
    categories: tuple[str, ...] = ()
    """Those that count; none named: all."""
    severities: tuple[str, ...] = ()
    """Only at these severities; none named: at any."""
    per: Literal["category", "overall"] = "overall"
    within: Duration | None = None
    """Only earlier offences found this long before, at most; absent: all."""
    counts: Literal["each", "batches", "stops"] = "each"
    """`batches`: what was found together counts once; `stops`: not offences but the stops before,
    of nodes and of violations, the offence at hand being one more."""
    after_void: Literal["as_decided", "re_judged"] = "as_decided"
    """What a void offence means for those after it."""
    title: Title | None = None


class Lapse(Struct, frozen=True, forbid_unknown_fields=True):
    """A feature that is closed where it is open and not used, until it is opened again."""

    unused_for: Duration
    """Since the latest use, or since the opening where there was none."""
    open_for: Duration | None = None
    """And open that long; absent: however long."""


class CleanRun(Struct, frozen=True, forbid_unknown_fields=True):
    """Clean days needed for an award while the score is below `below` (absent: at any score)."""

    days: int
    below: Decimal | None = None
    then: int | None = None
    """After the first award of an unbroken run, one each so many days; absent: each `days`."""


class Recovery(Struct, frozen=True, forbid_unknown_fields=True):
    """Points that come back to creators who keep the rules."""

    cadence: Literal["monthly", "clean_days", "qualified_days"]
    """`qualified_days` are facts; they add up, and a violation does not break them."""
    points: Decimal
    counter: str = ""
    runs: tuple[CleanRun, ...] = ()
    """For days: the first run whose `below` is above the score applies."""
    automatic: bool = False
    """Falls due by itself, without a fact; recorded recoveries then have no effect."""
    not_at_floor: bool = False
    """A score that has reached its end does not come back by itself."""


class AccrualExam(Struct, frozen=True, forbid_unknown_fields=True):
    """The exam anybody may sit for points: at most one award in `per_days`."""

    points: Decimal
    pass_mark: Decimal
    per_days: int
    counter: str = ""


class Courses(Struct, frozen=True, forbid_unknown_fields=True):
    """Courses that give points back, so much each, and so much in all up to the next reset day."""

    points: dict[str, Decimal]
    at_most: Decimal | None = None
    counter: str = ""
    not_while_stopped: bool = False


class Exam(Struct, frozen=True, forbid_unknown_fields=True):
    """The exam in place of a penalty."""

    minimum_level: int
    reputation_above: Decimal
    window_days: int
    answers: int
    pass_mark: Decimal
    quota_days: int
    study_required: bool = True
    claim_required: bool = True


class Appeal(Struct, frozen=True, forbid_unknown_fields=True):
    """Contesting a violation. Without `window_days` an appeal is never too late."""

    window_days: int | None = None
    attempts: int = 1
    restitution: Literal["delta"] = "delta"
    effect: Literal["at_once", "after_appeal"] = "at_once"
    """`after_appeal`: points, fines, stops, measures wait for the denial, or the window's end."""


class Roles(Struct, frozen=True, forbid_unknown_fields=True):
    """Who and what sentences speak of, where it is not a creator, a platform, an occasion."""

    subject: Title | None = None
    """Whom the rules are for, in the singular and without an article: `driver`, `车手`."""
    authority: Title | None = None
    """Who decides, with an article where it takes one: `the stewards`, `赛会干事`."""
    occasion: Title | None = None
    """What some stops are counted in, in the singular: `race`, `场`."""
    enrolled: Title | None = None
    """What enrolment is, as a verb in the past: `opened product sharing`, `开通商品分享功能`."""


class Rulebook(Struct, frozen=True, forbid_unknown_fields=True):
    """One version of one set of rules: the whole file."""

    name: str
    version: str
    in_force_from: date
    zone: str
    title: Title
    counters: dict[str, Counter]
    draft: bool = False
    """Not in force by its date alone, but only where a log records that it was adopted."""
    sources: dict[str, Source] = {}
    features: dict[str, Feature] = {}
    """Every word a stop may name, with what people call it."""
    roles: Roles = Roles()
    words: dict[str, Title] = {}
    """What people call other words of facts: measures, occasions, accounts, courses, reasons."""
    categories: dict[str, Category] = {}
    nodes: dict[str, Node] = {}
    overlap: Literal["max", "sum", "restart"] = "max"
    """Several stops of one feature at once. `max`: each keeps its own clock, the latest end counts;
    `sum`: a new one is served after those that run; `restart`: it begins on the next local day and
    ends those that would end before it."""
    crossing: Literal["all", "deepest"] = "all"
    """Of several nodes crossed by one look: all start, or the last one only."""
    ladders: dict[str, Ladder] = {}
    lapses: dict[str, Lapse] = {}
    """By the feature that lapses."""
    recovery: Recovery | None = None
    accrual_exam: AccrualExam | None = None
    courses: Courses | None = None
    exam: Exam | None = None
    appeal: Appeal = Appeal()
    redress: dict[Way, Title] = {}
    """What whoever is not content may do; statements of reasons say it, and it decides nothing."""
    clauses: dict[Concept, Title] = {}
    """In the rules' own words, as far as they may be quoted; the citation stands beside."""
    citations: dict[str, Citation] = {}
    """{key path: citation}, for instance of `nodes.8.below`; of `""` where the file has one."""
    written: frozenset[str] = frozenset()
    """Every key path that the file has; of all others the defaults here rule."""
    hash: str = ""
    """SHA-256 of the file's bytes, hex: what a version is known by."""

    @property
    def label(self) -> str:
        """`name@version`."""
        return f"{self.name}@{self.version}"

    def cite(self, path: str) -> Citation:
        """The citation of a key path: its own, else that of the nearest enclosing table.

        What a file leaves out is ruled by the default here, and cites nothing but that.
        """
        if path not in self.citations and path not in self.written:
            return UNSAID
        while path and path not in self.citations:
            path = path.rpartition(".")[0]
        return self.citations.get(path, Citation())
