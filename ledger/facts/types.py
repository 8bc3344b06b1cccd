"""Every fact the ledger can hold, as a frozen struct.

The stored name stands above each struct (`tag=`) and the order of the fields is the order of the
stored bytes: both are a format and never change. A new field is added at the end with a default;
anything else is a new type or an upcaster in `codec`.

Units inside: points, reputation and marks are integers in hundredths, money integers in minor
units of its currency, instants integers in microseconds since 1970-01-01T00:00Z. `cloudevents`
checks and converts them to and from the interchange form by the `form` each annotation names
(`forms`); patterns are checked there, once, and not again at every reading of the log.
"""

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, Union

from msgspec import Meta, Struct

from ledger.facts.forms import END_OF_TIME

Id: TypeAlias = Annotated[str, Meta(extra={"form": "id"})]
Word: TypeAlias = Annotated[str, Meta(extra={"form": "word"})]
RulebookName: TypeAlias = Annotated[str, Meta(extra={"form": "rulebook"})]
Text: TypeAlias = Annotated[str, Meta(max_length=2000, extra={"form": "text"})]
Points: TypeAlias = Annotated[int, Meta(ge=0, le=10**12, extra={"form": "hundredths"})]
Mark: TypeAlias = Annotated[int, Meta(ge=0, le=100_00, extra={"form": "hundredths"})]
Level: TypeAlias = Annotated[int, Meta(ge=0, le=10**6, extra={"form": "integer"})]
Amount: TypeAlias = Annotated[int, Meta(extra={"form": "minor_units"})]
Currency: TypeAlias = Annotated[str, Meta(extra={"form": "currency"})]
Instant: TypeAlias = Annotated[int, Meta(ge=0, lt=END_OF_TIME, extra={"form": "instant"})]
Period: TypeAlias = Annotated[str, Meta(extra={"form": "period"})]
Version: TypeAlias = Annotated[str, Meta(extra={"form": "version"})]
Hash: TypeAlias = Annotated[str, Meta(extra={"form": "hash"})]
Territory: TypeAlias = Annotated[str, Meta(extra={"form": "territory"})]

DetectedBy: TypeAlias = Literal[
    "platform_screening",
    "authority_notice",
    "court_document",
    "user_complaint",
    "media_exposure",
    "other",
]
PointsGround: TypeAlias = Literal[
    "egregious",
    "repeated",
    "mass_refusal",
    "concurrent",
    "severe_single",
    "first_offence",
    "unintentional",
    "minor",
    "unstated",
]
RevocationGround: TypeAlias = Literal["serious", "improper_claim", "abuse", "bad_faith"]
Automated: TypeAlias = Literal["fully", "partially", "no"]
MeasureGround: TypeAlias = Literal[
    "risk", "media", "authority", "inspection", "complaint", "severe_single", "other"
]


class Fact(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """What all facts share. `violation`, where a type has it, is the id the platform gave."""


class CreatorEnrolled(Fact, frozen=True, tag="creator_enrolled"):
    """Product sharing opened: the score starts (003 preamble, §4.3). No version in `rulebook`."""

    rulebook: RulebookName | None = None
    level: Level | None = None
    reputation: Points | None = None


class ProfileChanged(Fact, frozen=True, tag="profile_changed"):
    """Level and reputation, for exam eligibility (002 §1). An absent field keeps its value."""

    level: Level | None = None
    reputation: Points | None = None


class ViolationFound(Fact, frozen=True, tag="violation_found"):
    """Judged and notified at effective_at (003 §3). `points` overrides and then needs `ground`.

    What `decided_by` and the fields after it say decides nothing: a statement of reasons needs it.
    """

    violation: Id
    category: Word
    detected_by: DetectedBy
    severity: Word | None = None
    points: Points | None = None
    ground: PointsGround | None = None
    law_breach: bool = False
    measures: tuple[Word, ...] = ()
    batch: Id | None = None
    item: Id | None = None
    """What the violation is about (a post, an order); some rulebooks punish once per item."""
    offended_at: Instant | None = None
    """When it was done, where that is not when it was found."""
    decided_by: Id | None = None
    automated_detection: bool | None = None
    automated_decision: Automated | None = None
    territory: tuple[Territory, ...] = ()
    legal_ground: Text | None = None
    """The norm, where it is the law that was broken."""
    told_at: Instant | None = None
    """When the creator was told, where that is not effective_at."""
    circumstances: Text | None = None
    """What was done, in words."""


class AppealLodged(Fact, frozen=True, tag="appeal_lodged"):
    """The creator contests a violation (003 §3.4)."""

    violation: Id


class AppealGranted(Fact, frozen=True, tag="appeal_granted"):
    """The authority agrees: whole without `points`, in part with them (003 §3.4)."""

    violation: Id
    points: Points | None = None


class AppealDenied(Fact, frozen=True, tag="appeal_denied"):
    """The authority does not agree: nothing is withdrawn and nothing ends (003 §3.4)."""

    violation: Id


class ExamRightClaimed(Fact, frozen=True, tag="exam_right_claimed"):
    """The right to sit exams in place of a penalty (002 §2)."""


class ExamRightRevoked(Fact, frozen=True, tag="exam_right_revoked"):
    """The platform takes the right away (002 §1, §9)."""

    ground: RevocationGround


class ExamInvited(Fact, frozen=True, tag="exam_invited"):
    """The notice that opens the exam's window (002 §7)."""

    violation: Id


class ExamStudied(Fact, frozen=True, tag="exam_studied"):
    """The study before the exam is complete (002 §3, §8)."""

    violation: Id


class ExamAbandoned(Fact, frozen=True, tag="exam_abandoned"):
    """The creator gives the exam up (002 §7)."""

    violation: Id


class ExamSat(Fact, frozen=True, tag="exam_sat"):
    """One answer and its mark of 100; the rulebook says whether it is a pass (002 §7, §8)."""

    violation: Id
    mark: Mark


class RulesExamSat(Fact, frozen=True, tag="rules_exam_sat"):
    """The separate accrual exam: a recovery, not an exam in place of a penalty (003 §4.3)."""

    mark: Mark


class RecoveryGranted(Fact, frozen=True, tag="recovery_granted"):
    """A recovery for a `period`: YYYY-MM, or the last clean day YYYY-MM-DD (003 §4.3)."""

    period: Period
    points: Points | None = None


class MeasureImposed(Fact, frozen=True, tag="measure_imposed"):
    """A discretionary measure (003 §3.2, §4.4): never touches the score.

    `item` and the fields after it are those of a violation.
    """

    measure: Word
    ground: MeasureGround
    until: Instant | None = None
    item: Id | None = None
    offended_at: Instant | None = None
    decided_by: Id | None = None
    automated_detection: bool | None = None
    automated_decision: Automated | None = None
    territory: tuple[Territory, ...] = ()
    legal_ground: Text | None = None
    """The norm, where it is the law that was broken."""
    told_at: Instant | None = None
    """When the creator was told, where that is not effective_at."""
    circumstances: Text | None = None
    """What was done, in words."""


class MeasureLifted(Fact, frozen=True, tag="measure_lifted"):
    """Ends every running imposed measure of that name."""

    measure: Word
    ground: MeasureGround


class MoneyPosted(Fact, frozen=True, tag="money_posted"):
    """Deposit paid, frozen, released; fine paid; commission withheld. May be negative."""

    account: Word
    amount: Amount
    currency: Currency
    reason: Word
    violation: Id | None = None


class FactRetracted(Fact, frozen=True, tag="fact_retracted"):
    """`event` was recorded in error: absent from this retraction's recorded_at on."""

    event: Id
    reason: Text


class CourseTaken(Fact, frozen=True, tag="course_taken"):
    """A course that the rulebook rewards with points."""

    course: Word


class DayQualified(Fact, frozen=True, tag="day_qualified"):
    """The local day of effective_at counts towards a recovery by accumulated days."""


class OccasionHeld(Fact, frozen=True, tag="occasion_held"):
    """An occasion (a race, a match) took place that counts towards stops measured in occasions."""

    occasion: Word


class RulebookAdopted(Fact, frozen=True, tag="rulebook_adopted"):
    """A draft of a rulebook, known by its content, comes into force from its own date on.

    Its subject is the rulebook's name, not a creator.
    """

    rulebook: RulebookName
    version: Version
    hash: Hash


class FeatureOpened(Fact, frozen=True, tag="feature_opened"):
    """A feature is open from effective_at on; again, where it was open or closed before."""

    feature: Word


class FeatureUsed(Fact, frozen=True, tag="feature_used"):
    """An open feature was used (a benefit set up for members, say): it is not idle."""

    feature: Word


FACT_TYPES: tuple[type[Fact], ...] = (
    CreatorEnrolled,
    ProfileChanged,
    ViolationFound,
    AppealLodged,
    AppealGranted,
    AppealDenied,
    ExamRightClaimed,
    ExamRightRevoked,
    ExamInvited,
    ExamStudied,
    ExamAbandoned,
    ExamSat,
    RulesExamSat,
    RecoveryGranted,
    MeasureImposed,
    MeasureLifted,
    MoneyPosted,
    FactRetracted,
    OccasionHeld,
    CourseTaken,
    DayQualified,
    RulebookAdopted,
    FeatureOpened,
    FeatureUsed,
)
TYPE_NAME: dict[type[Fact], str] = {t: str(t.__struct_config__.tag) for t in FACT_TYPES}
TYPE_OF: dict[str, type[Fact]] = {name: t for t, name in TYPE_NAME.items()}
NAMES_VIOLATION: frozenset[type[Fact]] = frozenset(
    t for t in FACT_TYPES if "violation" in t.__struct_fields__
)

if TYPE_CHECKING:
    AnyFact: TypeAlias = Fact
else:
    AnyFact = Union[FACT_TYPES]  # noqa: UP007  a union made of a tuple, for the decoder
