"""The row that readers get of a creator: its standing as of an instant, and until when that holds.

A row is a function of the creator's facts up to a position and of an instant. `as_of` is when
something changed it last, a fact that was learned or time alone; until `next_change_at` it stays as
it is unless a fact comes, so that whoever reads it in between reads what a replay would say, and
who builds it anew builds the same. Version 1; `docs/readmodels.md` describes the fields.
"""

from datetime import UTC, datetime, timedelta

from msgspec import Raw, Struct, json

SCHEMA = 1
"""Version of the row; a target whose rows are of another one is rebuilt."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Score(Struct, frozen=True, gc=False):
    counter: str
    score: int | None
    """Hundredths; None before enrolment."""


class Stop(Struct, frozen=True, gc=False):
    """One feature stopped by a node, or by a violation itself (`node` None)."""

    node: str | None
    violation: str | None
    feature: str
    started_at: int | None
    """None: it waits for a stop in occasions to be served."""
    until: int | None
    """None: permanent, while the score is bad, or for occasions. Of a lifted stop its lift."""
    occasions_left: int | None
    state: str
    """running, served or lifted."""


class Measure(Struct, frozen=True, gc=False):
    measure: str
    violation: str | None
    """None: imposed by the platform."""
    started_at: int
    until: int | None


class Window(Struct, frozen=True, gc=False):
    kind: str
    """`appeal` or `exam`: still to be had."""
    violation: str
    until: int
    obstacle: str | None
    """Reason code for which an answer right now would have no effect."""


class Appeal(Struct, frozen=True, gc=False):
    """Lodged and not decided yet."""

    violation: str
    lodged_at: int


class Quota(Struct, frozen=True, gc=False):
    category: str
    available_from: int


class Money(Struct, frozen=True, gc=False):
    account: str
    currency: str
    due: int
    """Minor units: demanded less posted."""


class Violation(Struct, frozen=True, gc=False):
    violation: str
    category: str
    found_at: int
    points: int
    """Hundredths, as `deducted` and `restored`."""
    deducted: int
    restored: int
    state: str
    """standing, waiting or void."""
    lodged: bool
    """An appeal has been lodged and a full grant has not voided the violation."""


class Row(Struct, kw_only=True):
    """One creator. Instants are UTC microseconds, points hundredths, money minor units."""

    creator: str
    position: int
    """Of the creator's last fact that is in it."""
    as_of: int
    next_change_at: int | None
    """The first instant after `as_of` at which time alone may change the row; None: never."""
    standing: bytes
    """The public JSON object; `null` where the creator is parked."""
    parked: str = ""
    """Why the creator can't be judged, in one sentence; empty if it can."""
    rulebook: str = ""
    scores: tuple[Score, ...] = ()
    stops: tuple[Stop, ...] = ()
    """Running ones; the ended ones too where a target keeps history."""
    measures: tuple[Measure, ...] = ()
    windows: tuple[Window, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    quotas: tuple[Quota, ...] = ()
    money: tuple[Money, ...] = ()
    violations: tuple[Violation, ...] = ()
    """Where a target keeps history; else empty."""

    def stopped(self) -> dict[str, int | None]:
        """{feature: when the stop that counts ends}; None: open."""
        ends: dict[str, int | None] = {}
        for stop in self.stops:
            if stop.state == "running":
                other = ends.get(stop.feature, 0)
                ends[stop.feature] = (
                    None if other is None or stop.until is None else max(other, stop.until)
                )
        return ends


class Stored(Struct, frozen=True):
    """What a target holds of a creator, as far as the runner needs it to go on."""

    position: int
    as_of: int
    next_change_at: int | None
    standing: bytes


class Document(Struct, frozen=True):
    """The row as one JSON object, for targets of documents."""

    creator: str
    position: int
    as_of: datetime
    next_change_at: datetime | None
    standing: Raw
    parked: str | None = None


_encode = json.Encoder().encode
_decode = json.Decoder(Document).decode


def document(row: Row) -> bytes:
    """The row as JSON; the instants beside the standing are RFC 3339 in UTC."""
    following = row.next_change_at
    return _encode(
        Document(
            row.creator,
            row.position,
            moment(row.as_of),
            None if following is None else moment(following),
            Raw(row.standing),
            row.parked or None,
        )
    )


def stored(text: bytes) -> Stored:
    """What `document` wrote. Raises msgspec.DecodeError for what it never writes."""
    d = _decode(text)
    following = None if d.next_change_at is None else microseconds(d.next_change_at)
    return Stored(d.position, microseconds(d.as_of), following, bytes(d.standing))


def moment(at: int) -> datetime:
    """An instant in UTC microseconds as a datetime."""
    return EPOCH + timedelta(microseconds=at)


def microseconds(moment: datetime) -> int:
    """And back."""
    return (moment - EPOCH) // timedelta(microseconds=1)
