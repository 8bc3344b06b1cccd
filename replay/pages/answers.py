"""The first blocks: whose, what it comes to, what can be done, why, and what was known when."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ledger.facts.types import FactRetracted
from projections.explain.phrases import Count, Phrase, Value, Word, say, sentence
from projections.explain.scene import cause
from projections.fold.state import DAY, LIFTED, Stop
from projections.standing.numbering import HOUR
from projections.standing.replay import Ruling
from projections.standing.spans import total as total_time
from projections.standing.spans import without
from projections.standing.writing import deadline, instant, points
from projections.views.chances import Chance, chances, consequence_phrase, endless_phrase
from projections.views.headline import Headline
from projections.views.outcome import nothing_stopped, titled
from replay.pages.adapter import (
    fact_title,
    feature_title,
    head_parts,
    is_late,
    judged_now,
    signed,
)
from replay.pages.case import Case, Told
from replay.pages.footnotes import Footnotes
from replay.pages.prose import cell, heading, prose, said, table
from replay.picture.elements import add, node

MOST_MEASURES = 3
"""That are told one by one; more are counted."""
MOST_CHANCES = 20
MOST_LATE = 20
COUNTED = (".points", ".restorable")
"""Figures that are the change itself."""
OFFSET_AT = -6
"""Where an instant's offset begins."""


def head(case: Case) -> Element:
    """Whose, as of when, as known when, under which rules, on which clocks, printed when."""
    who, *rest = head_parts(case.replay, case.language)
    offset = f"UTC{_offset(case)}"
    printed = case.say("printed_at", {"at": case.clock(case.printed_at)})
    parts = [node("b", "", who), *(said("span", "nb", part) for part in (*rest, offset, printed))]
    return node("header", "head", *parts)


def _offset(case: Case) -> str:
    return instant(case.replay.as_of, case.zone)[OFFSET_AT:]


def outcome(case: Case) -> Iterator[Element]:
    """The score large; then what is stopped, runs, is due, each with one line why."""
    scores = [h for h in case.headlines if h.kind == "score"]
    yield said("h1", "", sentence([[h.said] for h in scores], case.language))
    if nothing_stopped(case.headlines):
        said_ = [[Phrase("outcome.nothing_stopped")], *_last_stop(case)]
        yield said("p", "second", sentence(said_, case.language))
    others = [h for h in case.headlines if h.kind not in ("score", "measure")]
    measures = [h for h in case.headlines if h.kind == "measure"]
    if len(measures) <= MOST_MEASURES:
        others += measures
    for headline in others:
        yield _line(case, headline)
    if len(measures) > MOST_MEASURES:
        counted = Count("measures_run", str(len(measures)))
        yield said(
            "p",
            "second",
            sentence([[Phrase("pages.measures_run", {"count": counted})]], case.language),
        )
    for headline in scores:
        yield said("p", "reason", sentence([[headline.why]], case.language))


def _line(case: Case, headline: Headline) -> Element:
    kind = "stopped" if headline.kind in ("stop", "sanction") else ""
    text = said("b", kind, sentence([[headline.said]], case.language))
    why = said("span", "reason", sentence([[headline.why]], case.language))
    return node("p", "second", text, " ", why)


def _last_stop(case: Case) -> Iterator[list[Phrase]]:
    """What was stopped last, and how that ended; nothing where nothing ever was."""
    creator = case.replay.creator
    ended = [s for s in creator.stops[: creator.stops_made] if s.until <= case.replay.as_of]
    if ended:
        stop: Stop = max(ended, key=lambda s: s.until)
        title = case.names.book(stop.version).features.get(case.names.feature(stop))
        values: dict[str, Value] = {
            "feature": title or case.names.feature(stop),
            "cause": cause(stop, case.names),
            "at": case.clock(stop.until),
        }
        key = "was_lifted" if stop.state == LIFTED else "was_stopped"
        yield [Phrase(f"pages.{key}", values)]


def can(case: Case) -> Iterator[Element]:
    """What is open, by when, and what it would change."""
    yield heading(case.say("can"))
    found = chances(case.replay, MOST_CHANCES)
    told = [c for i, c in enumerate(found) if i < MOST_CHANCES or c.kind != "pending"]
    rows = [_chance(case, chance) for chance in told]
    if left := len(found) - len(told):  # what waits has no date that could be missed
        rows.append(node("li", "", case.say("can_more", {"number": str(left)})))
    if endless := endless_phrase(case.replay, case.names):
        rows.append(said("li", "", sentence([[endless]], case.language)))
    if not rows:
        yield node("p", "can", case.say("can_nothing"))
        return
    yield node("ul", "can", *rows)


def _chance(case: Case, chance: Chance) -> Element:
    violation = titled(chance.slot, case.replay, case.names)
    text = case.say(f"can_{chance.kind}", {"violation": violation})
    if chance.kind == "pending":
        by = node("div", "by", case.say("can_waiting"))
        add(by, said("small", "", case.say("can_lodged", {"at": case.clock(chance.at)})))
    else:
        by = said("div", "by", deadline(chance.at, case.zone))
        days = Count("days_left", str(max((chance.at - case.replay.as_of) // DAY, 0)))
        add(by, node("small", "", say(days, case.language)))
        noun = "answers" if chance.kind == "exam" else "appeals_left"
        text += case.say("can_left", {"left": Count(noun, str(chance.left))})
    told = [said("div", "", text)]
    if chance.obstacle:
        reason = Phrase("standing.obstacle", {"reason": Phrase(f"obstacles.{chance.obstacle}")})
        told.append(said("div", "how", sentence([[reason]], case.language)))
    won = consequence_phrase(chance, case.replay, case.names)
    if won is not None:
        told.append(said("div", "how", sentence([[won]], case.language)))
    return node("li", "", by, node("div", "", *told))


def why(case: Case, notes: Footnotes) -> Iterator[Element]:
    """The last decisions: the sum, the sentence, and what each figure of it rests on."""
    number = str(len(case.replay.rulings))
    yield heading(case.say("why"), case.say("why_note", {"number": number}))
    if not case.decisions:
        yield node("p", "", case.say("why_none"))
        return
    quoted: set[str] = set()
    yield node("ol", "why", *(_decision(case, told, notes, quoted) for told in case.decisions))


def _decision(case: Case, told: Told, notes: Footnotes, quoted: set[str]) -> Element:
    ruling, why = told
    marks = node("sup", "")
    margin = node("div", "notes")
    for label in notes.sourced(why):
        number = str(notes.number(label))
        add(marks, node("a", "", number, href=f"#c{number}"), " ")
        brief = "" if label in quoted else notes.brief(label)
        quoted.add(label)
        if brief:
            brief = f"{'　' if case.language == 'zh' else ' · '}{brief}"
        add(margin, node("span", "", node("b", "", number), f"{notes.said(label)}{brief}"))
    assumed = list(notes.assumed_in(why))
    for reference in assumed:
        text = say(Phrase("assumed.alone", {"figure": notes.figure(reference)}), case.language)
        add(margin, node("span", "", node("b", "", "°"), text))
    if assumed:
        add(marks, node("a", "", "°", href="#assumed"))
    points_assumed = any(reference.path.endswith(COUNTED) for reference in assumed)
    when = node("div", "", node("span", "t nb", case.clock(ruling.envelope.effective_at)), " ")
    add(when, total(case, ruling, mark="°" if points_assumed else ""))
    if is_late(ruling.envelope) and not case.at_once:
        add(when, " ", said("span", "t", case.recorded(ruling.envelope)))
    sentence_ = add(node("div", ""), *prose(why.text[case.language]), marks)
    return node("li", "", when, sentence_, margin)


def total(case: Case, ruling: Ruling, *, mark: str) -> Element:
    """`10 − 3° = 7`; the score alone where nothing changed."""
    if not ruling.change or ruling.score_before is None:
        score = "–" if ruling.score_after is None else points(ruling.score_after)
        return node("span", "sum flat", score)
    assert ruling.score_after is not None
    counter = case.replay.rulebook.counters[case.names.counters[ruling.counter]]
    worse = (ruling.change > 0) == (counter.direction == "tally")
    sign = signed(ruling.change)
    change = node("span", "loss-t" if worse else "gain-t", f"{sign[0]} {sign[1:]}{mark}")
    return node(
        "span", "sum", f"{points(ruling.score_before)} ", change, f" = {points(ruling.score_after)}"
    )


def known(case: Case) -> Iterator[Element]:
    """What came late or was withdrawn: what was believed before is not what is true now."""
    yield heading(case.say("known"))
    number = str(len(case.replay.rulings))
    if case.at_once:
        at = case.clock(max(r.envelope.recorded_at for r in case.replay.rulings))
        yield said("p", "", case.say("known_at_once", {"number": number, "at": at}))
        late = [told for told in case.late if told[0].retracted_by]
    else:
        late = case.late
        key = "known_late" if late else "known_same"
        yield node("p", "", case.say(key, {"number": str(len(late))}))
        yield from (
            said("p", "", sentence([[phrase]], case.language)) for phrase in _executed(case)
        )
    if not late:
        return
    if len(late) > MOST_LATE:
        shown = {"shown": str(MOST_LATE), "number": str(len(late))}
        yield node("p", "sub", case.say("known_more", shown))
    heads = [(case.say(key), "") for key in ("took_place", "recorded", "fact")]
    heads.append((case.say("change"), "n"))
    yield table(heads, [_late(case, told[0]) for told in late[-MOST_LATE:]])


def _executed(case: Case) -> Iterator[Phrase]:
    """By how much each feature was stopped too long or too short, as the record has it now."""
    now = judged_now(case.replay)
    for feature in {**now, **case.then} if case.then else ():
        then, judged = case.then.get(feature, []), now.get(feature, [])
        title = feature_title(feature, case.replay.rulebook, case.language)
        for key, over in (("longer", without(then, judged)), ("shorter", without(judged, then))):
            if over:
                length = Count("hours", f"{total_time(over) / HOUR:.1f}".removesuffix(".0"))
                yield Phrase(f"pages.{key}", {"feature": title, "length": length})


def _late(case: Case, ruling: Ruling) -> Element:
    envelope, by = ruling.envelope, ruling.retracted_by
    what = fact_title(ruling, case.language)
    if by is not None and isinstance(by.fact, FactRetracted):
        told: dict[str, Value] = {"recorded": case.clock(by.recorded_at), "by": by.id}
        told["reason"] = Word("words", by.fact.reason)
        what += f" · {say(Phrase('compare.withdrawn', told), case.language)}"
    change = signed(ruling.change) if ruling.change else ""
    return node(
        "tr",
        "",
        cell(case.clock(envelope.effective_at)),
        cell(case.clock(envelope.recorded_at), label=case.say("recorded")),
        cell(what, "full"),
        cell(change, "n"),
    )
