"""A rulebook as data: what a version of the rules says, in typed structs.

The file is TOML (`docs/rulebooks.md`). A figure is a plain number or `{ value = 7, clause = "…",
source = "…" }`; it takes the citation of the nearest enclosing table that has one, and
`assumed = true` stands where no source gives it. The loader takes the citations out of the file
before the structs here are filled, so the structs hold plain values and `Rulebook.citations` holds
{key path: Citation}. Points are decimals as written; `projections.tables` turns them into the
integers the fold reads.
"""

from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from msgspec import Struct

DURATIONS = ("hours", "days", "natural_days", "months", "occasions")
STOP_LENGTHS = (*DURATIONS, "permanent", "while_triggered")
NODE_LIMITS = ("below", "at_or_below", "at_or_above", "above")
OWN = frozenset({"citations", "hash"})
"""Fields of `Rulebook` that the loader fills; no file has them."""


class Citation(Struct, frozen=True):
    """Where a figure comes from. `assumed` figures have a note instead of a source."""

    clause: str = ""
    source: str = ""
    """Key into `Rulebook.sources`."""
    assumed: bool = False
    note: str = ""

    @property
    def label(self) -> str:
        """As rulings print it: `002 §10(1)`, and `assumed` where nobody says it."""
        where = f"{self.source} {self.clause}".strip()
        if self.assumed:
            return f"assumed ({where})" if where else "assumed"
        return where


class Title(Struct, frozen=True, forbid_unknown_fields=True):
    """What something is called, or how a rule reads, in both languages."""

    en: str
    zh: str


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """A document the figures come from. `date` is that of the copy that was read."""

    title: str
    file: str = ""
    url: str = ""
    date: str = ""


class Duration(Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly one of the fields. Hours and days are exact; natural days and months are local."""

    hours: int | None = None
    days: int | None = None
    natural_days: int | None = None
    months: int | None = None


class Counter(Struct, frozen=True, forbid_unknown_fields=True):
    """A score. A `balance` loses points by violations, a `tally` collects them."""

    direction: Literal["balance", "tally"]
    initial: Decimal
    floor: Decimal = Decimal(0)
    cap: Decimal | None = None
    title: Title | None = None
    expires_after: Duration | None = None
    """Points of a violation stop counting this long after its local date, at 00:00."""


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
    removes: Decimal | None = None
    """Points taken off the counter once a stop of the node is served: a tally begins anew."""
    title: Title | None = None


class Fine(Struct, frozen=True, forbid_unknown_fields=True):
    """Money that a violation of the category is due, on an account of its own."""

    account: str
    amount: Decimal
    currency: str


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


class CleanRun(Struct, frozen=True, forbid_unknown_fields=True):
    """Clean days needed for an award while the score is below `below` (absent: at any score)."""

    days: int
    below: Decimal | None = None


class Recovery(Struct, frozen=True, forbid_unknown_fields=True):
    """Points that come back to creators who keep the rules."""

    cadence: Literal["monthly", "clean_days"]
    points: Decimal
    counter: str = ""
    runs: tuple[CleanRun, ...] = ()
    """For `clean_days`: the first run whose `below` is above the score applies."""


class AccrualExam(Struct, frozen=True, forbid_unknown_fields=True):
    """The exam anybody may sit for points: at most one award in `per_days`."""

    points: Decimal
    pass_mark: Decimal
    per_days: int
    counter: str = ""


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
    effect: Literal["at_once"] = "at_once"


Concept: TypeAlias = Literal[
    "enrolment",
    "deduction",
    "aggravation",
    "mitigation",
    "mitigation_refused",
    "batch",
    "correction",
    "node",
    "highest_stop",
    "recovery",
    "recovery_keeps_stops",
    "accrual_exam",
    "appeal",
    "appeal_window",
    "appeal_granted",
    "appeal_after_exam",
    "appeal_denied",
    "exam_eligibility",
    "exam_right",
    "exam_right_revoked",
    "exam_study",
    "exam_coverage",
    "exam_window",
    "exam_answers",
    "exam_quota",
    "exam_pass",
    "exam_lifts",
    "exam_fail",
    "exam_closed_by_appeal",
    "risk_measure",
    "money",
    "expiry",
]
"""Behaviours a ruling can rest on, beside its figures; `[clauses.<concept>]` cites each."""


class Rulebook(Struct, frozen=True, forbid_unknown_fields=True):
    """One version of one set of rules: the whole file."""

    name: str
    version: str
    in_force_from: date
    zone: str
    title: Title
    counters: dict[str, Counter]
    sources: dict[str, Source] = {}
    features: dict[str, Title] = {}
    """Every word a stop may name, with what people call it."""
    categories: dict[str, Category] = {}
    nodes: dict[str, Node] = {}
    overlap: Literal["max"] = "max"
    """Several stops of one feature at once: each keeps its own clock, the latest end counts."""
    recovery: Recovery | None = None
    accrual_exam: AccrualExam | None = None
    exam: Exam | None = None
    appeal: Appeal = Appeal()
    clauses: dict[Concept, Title] = {}
    """In the rules' own words, as far as they may be quoted; the citation stands beside."""
    citations: dict[str, Citation] = {}
    """{key path: citation}, for instance of `nodes.8.below`; of `""` where the file has one."""
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
        while path not in self.citations:
            if not path:
                return Citation(assumed=True, note="not said: the default")
            path = path.rpartition(".")[0]
        return self.citations[path]
