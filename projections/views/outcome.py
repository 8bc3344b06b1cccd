"""What it comes to: score, what is stopped until when, money due; each with one line why.

A reason names the facts that decided, the sum, the limit and its clause. All of it is read off the
standing, so that it is there without a trace of the whole record.
"""

from collections.abc import Iterator, Sequence
from functools import reduce

from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled
from ledger.rulebook.model import NODE_LIMITS, Rulebook, Title
from projections.explain.grounds import Places
from projections.explain.phrases import Count, Phrase, Value
from projections.explain.places import ASSUMED
from projections.explain.scene import kind, lasts
from projections.explain.sentences import idle
from projections.explain.terms import (
    graded,
    identified,
    measure_of,
    named_stop,
    occasions,
    role,
    stop_name,
)
from projections.fold.state import (
    ABSENT,
    FOREVER,
    MEASURE_IMPOSED,
    NONE,
    OCCASIONS,
    PERMANENT,
    RUNNING,
    TALLY,
    UNTIL_OPENED,
    VOID,
    WHILE_TRIGGERED,
    Measure,
    Stop,
)
from projections.fold.trace import Ground
from projections.standing.held import runs
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay
from projections.standing.writing import clock_time, deadline, points
from projections.views.deciding import begun_at, decided, finding
from projections.views.headline import Headline
from projections.views.owed import money, waits
from projections.views.windows import Change, behind, longest

LATE = 60 * 60 * 1_000_000
"""From how long after it took effect on a fact counts as recorded late: below, it is no news."""
NAMED = 5
"""How many violations or facts a line names; the rest it counts."""
SHAPES = {
    PERMANENT: "permanent",
    WHILE_TRIGGERED: "while_triggered",
    UNTIL_OPENED: "until_opened",
    OCCASIONS: "occasions",
}


def outcome(replay: Replay) -> list[Headline]:
    """The score first, then what is stopped, sanctions, measures, money, and what waits."""
    names = naming(replay)
    places = Places(names)
    once = at_once(replay.history.envelopes)
    stops = [_stop(stop, replay, names, places, once=once) for stop in longest(replay.creator)]
    return [
        *_scores(replay, names, places),
        *sorted(stops, key=lambda h: h.kind != "stop"),
        *_measures(replay, names, once=once),
        *money(replay),
        *waits(replay, names),
    ]


def nothing_stopped(headlines: Sequence[Headline]) -> bool:
    """Whether no feature is stopped, which is worth a sentence by itself."""
    return not any(headline.kind == "stop" for headline in headlines)


def _scores(replay: Replay, names: Naming, places: Places) -> Iterator[Headline]:
    """Each counter, as the sum of what moved it."""
    creator = replay.creator
    latest = len(replay.tables.rulebooks) - 1
    for index, (name, counter) in enumerate(zip(names.counters, creator.counters, strict=True)):
        rule, about = replay.rulebook.counters[name], {"counter": name}
        if not creator.enrolled:
            yield Headline("score", Phrase("outcome.not_enrolled"), _unenrolled(replay), about)
            return
        values: dict[str, Value] = {"counter": counter_title(index, replay, names)}
        values |= {"score": points(counter.score), "cap": str(rule.cap)}
        said = Phrase("outcome.score" + ("" if rule.cap is None else "_of"), values)
        slots = [
            slot
            for slot, violation in enumerate(creator.violations)
            if violation.state != NONE and violation.counter == index and violation.deducted
        ]
        clause = places.place(Ground("counters.*.initial", latest, (index,))).clause
        first, *moves = _sum(replay, names, index, slots)
        why = Phrase("outcome.sum", values | {"parts": reduce(_plus, moves, first)})
        standing = [names.violations[s] for s in slots if creator.violations[s].state != VOID]
        why = why if moves else first
        yield Headline("score", said, why, about, violations=standing, clauses=[clause])


def _unenrolled(replay: Replay) -> Phrase:
    """Why there is no score: perhaps one is recorded that starts later."""
    coming = (e for e in replay.coming if isinstance(e.fact, CreatorEnrolled))
    if (first := next(coming, None)) is None:
        return Phrase("outcome.no_enrolment")
    at = clock_time(first.effective_at, replay.rulebook.zone)
    return Phrase("outcome.enrolled_later", {"at": at})


def _sum(replay: Replay, names: Naming, index: int, slots: Sequence[int]) -> Iterator[Phrase]:
    """`10 at the start`, `− 3 for violation v1`, `+ 1.5 by appeals and exams`, and what is left."""
    creator = replay.creator
    found = [creator.violations[slot] for slot in slots]
    rule = replay.tables.book.versions[0].counters[index]
    sign = 1 if rule.sign == TALLY else -1
    moves = {
        "taken": sign * sum(violation.deducted for violation in found),
        "by_exam": -sign * sum(violation.by_exam for violation in found),
        "by_appeal": -sign * sum(v.restored - v.by_exam for v in found),
        "expired": -sign * sum(violation.expired for violation in found),
    }
    moves["other"] = creator.counters[index].score - rule.initial - sum(moves.values())
    yield Phrase("outcome.start", {"score": points(rule.initial)})
    for word, change in moves.items():
        if change:
            values: dict[str, Value] = {"change": signed(change)}
            values["named"] = few([identified(names.violations[slot]) for slot in slots])
            values["count"] = Count("violations", str(len(slots)))
            many = word == "taken" and len(slots) > NAMED
            yield Phrase(f"outcome.{word}" + ("_many" if many else ""), values)


def counter_title(index: int, replay: Replay, names: Naming) -> Title:
    """What a counter is called in the version in force."""
    name = names.counters[index]
    return replay.rulebook.counters[name].title or Title(name, name)


def _plus(before: Phrase, after: Phrase) -> Phrase:
    return Phrase("outcome.plus", {"sum": before, "next": after})


def signed(change: int) -> str:
    """With a sign that is no hyphen."""
    return f"{'+' if change > 0 else '−'} {points(abs(change))}"


def few(words: Sequence[str]) -> list[Value]:
    """The first of them, as a sentence may name them."""
    return [*words[:NAMED]]


def _stop(stop: Stop, replay: Replay, names: Naming, places: Places, *, once: bool) -> Headline:
    """A feature that is stopped, or a sanction, with the end that counts and what began it."""
    feature, which = names.feature(stop), kind(stop, names)
    about = {name: word for name, word in names.whose(stop).items() if word is not None}
    slots, facts = decided(replay, stop)
    clauses: list[str] = []
    values: dict[str, Value] = {
        "since": clock_time(begun_at(stop, replay), replay.rulebook.zone),
        "violations": [titled(slot, replay, names) for slot in slots[:NAMED]],
    }
    if stop.kind == UNTIL_OPENED:
        values["condition"] = idle(names.lapse(stop)) or ""
        key = "lapse"
    elif stop.node == ABSENT:
        values["violations"] = [titled(stop.violation, replay, names)]
        key = "own"
    else:
        key = "node" if slots else "crossed"
        clauses = _node(stop, replay, names, places, values)
    why = Phrase(f"outcome.why.{key}", values)
    return Headline(
        "stop" if which == "feature" else "sanction",
        _ends(stop, replay, names),
        _later(cited(why, clauses), facts, replay, once=once),
        about | {"feature": feature},
        stop.until if stop.until < FOREVER else None,
        [names.violations[slot] for slot in slots],
        facts,
        clauses,
    )


def _node(
    stop: Stop, replay: Replay, names: Naming, places: Places, values: dict[str, Value]
) -> list[str]:
    """The sum that crossed a limit, and the clauses of both."""
    crossing, node = replay.creator.crossings[stop.crossing], names.node(stop)
    limit = places.place(Ground("nodes.*.limit", stop.version, (stop.node,)))
    rule = places.place(Ground("clauses.node", stop.version))
    counter = names.counters[stop.counter]
    word = next(word for word in NODE_LIMITS if getattr(node, word) is not None)
    mark = "°" if limit.clause.startswith(ASSUMED) else ""
    values |= {
        "counter": names.book(stop.version).counters[counter].title or Title(counter, counter),
        "before": points(crossing.looked),
        "after": points(crossing.reached),
        "limit": Phrase(f"outcome.limit.{word}", {"limit": points(crossing.limit), "mark": mark}),
    }
    return list(dict.fromkeys(clause for clause in (rule.clause, limit.clause) if clause))


def _ends(stop: Stop, replay: Replay, names: Naming) -> Phrase:
    """`product sharing is stopped until …`, and what is served after it."""
    zone, rulebook, feature = replay.rulebook.zone, names.book(stop.version), names.feature(stop)
    which, title = kind(stop, names), rulebook.features.get(feature) or Title(feature, feature)
    if named := named_stop(feature, rulebook, for_good=stop.kind == PERMANENT):
        which, title = "named", named
    shape = SHAPES.get(stop.kind, "until")
    if stop.kind == WHILE_TRIGGERED and stop.until < FOREVER:
        shape = "at_latest"
    values: dict[str, Value] = {
        "feature": title,
        "until": deadline(stop.until, zone),
        "count": occasions(rulebook, stop.occasions),
    }
    said = Phrase(f"outcome.{which}.{shape}", values)
    if replay.as_of < stop.started_at < FOREVER and not _follows(stop, replay):
        said = Phrase("outcome.from", {"said": said, "from": clock_time(stop.started_at, zone)})
    for other in behind(stop, replay.creator):
        after = lasts(other, names.book(other.version))
        said = Phrase("outcome.then", {"said": said, "next": after})
    return said


def _follows(stop: Stop, replay: Replay) -> bool:
    """Whether another stop of the feature runs until it begins: then nothing is open before it."""
    creator = replay.creator
    return any(
        other.feature == stop.feature
        and other.state == RUNNING
        and other.started_at <= replay.as_of
        and other.until >= stop.started_at
        for other in creator.stops[creator.stops_open : creator.stops_made]
    )


def titled(slot: int, replay: Replay, names: Naming) -> Phrase:
    """A violation by its id and its type."""
    violation = replay.creator.violations[slot]
    category = graded(names.words[slot], names.severity(violation), names.judge(violation))
    named = identified(names.violations[slot])
    return Phrase("outcome.violation", {"violation": named, "category": category})


def _later(why: Phrase, facts: Sequence[Envelope], replay: Replay, *, once: bool) -> Phrase:
    """Since when it is known, where a fact was recorded late; not if all came at `once`."""
    late = [e.recorded_at for e in facts if e.recorded_at - e.effective_at >= LATE]
    if not late or once:
        return why
    recorded = clock_time(max(late), replay.rulebook.zone)
    return Phrase("outcome.known_since", {"why": why, "recorded": recorded})


def cited(why: Phrase, clauses: Sequence[str]) -> Phrase:
    """A reason with the clauses that have a source."""
    sourced: list[Value] = [clause for clause in clauses if not clause.startswith(ASSUMED)]
    return Phrase("outcome.cited", {"why": why, "clauses": sourced}) if sourced else why


def at_once(envelopes: Sequence[Envelope]) -> bool:
    """Whether the facts of a longer time came in one go."""
    if len(envelopes) < 2:
        return False
    recorded = [e.recorded_at for e in envelopes]
    taken = [e.effective_at for e in envelopes]
    return max(recorded) - min(recorded) < LATE <= max(taken) - min(taken)


def _measures(replay: Replay, names: Naming, *, once: bool) -> Iterator[Headline]:
    zone = replay.rulebook.zone
    for row, measure in enumerate(replay.creator.measures):
        if not runs(measure, replay.as_of):
            continue
        open_ended = measure.until >= FOREVER
        values: dict[str, Value] = {
            "measure": measure_of(names.measure(measure), replay.rulebook),
            "authority": role(replay.rulebook, "authority"),
            "until": "" if open_ended else deadline(measure.until, zone),
            "since": clock_time(measure.started_at, zone),
        }
        shape = "until" if not open_ended else "open"
        about, named = {"measure": names.measure(measure)}, []
        if measure.violation == ABSENT:
            why, facts = Phrase("outcome.why.imposed", values), _imposed(row, measure, replay)
        else:
            fact = finding(replay, measure.violation)
            facts, named = [fact] if fact else [], [names.violations[measure.violation]]
            values["violations"] = [titled(measure.violation, replay, names)]
            why = Phrase("outcome.why.measure", values)
            shape = "appeal" if open_ended else shape
        yield Headline(
            "measure",
            Phrase(f"outcome.measure.{shape}", values),
            _later(why, facts, replay, once=once),
            about,
            None if open_ended else measure.until,
            named,
            facts,
        )


def _imposed(row: int, measure: Measure, replay: Replay) -> list[Envelope]:
    history = replay.history
    pairs = zip(history.rows, history.envelopes, strict=True)
    return [
        e
        for fact, e in pairs
        if fact.kind == MEASURE_IMPOSED and fact.slot == row and fact.at == measure.started_at
    ]


def change_phrase(change: Change, rulebook: Rulebook) -> Phrase:
    """What time alone changes."""
    about: Value = change.about
    if change.kind == "stop":
        about = stop_name(change.about, rulebook)
    elif change.kind == "lapse":
        about = rulebook.features.get(change.about, change.about)
    elif change.kind == "quota" and change.about in rulebook.categories:
        about = rulebook.categories[change.about].title
    elif change.kind == "reset":
        about = rulebook.counters[change.about].title or change.about
    elif change.kind == "measure":
        about = measure_of(change.about, rulebook)
    else:
        about = identified(change.about)
    return Phrase(f"changes.{change.kind}", {"about": about})
