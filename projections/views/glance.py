"""The same glance as JSON: outcome, what can still be done, what changes next, and the words.

In both languages, so that a page can be made of it without asking again.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from ledger.facts.types import TYPE_NAME
from ledger.rulebook.figures import as_text, figures
from ledger.rulebook.model import NODE_LIMITS, STOP_LENGTHS, Node, Title
from projections.explain.assumptions import Figures, assumptions
from projections.explain.grounds import Reference
from projections.explain.messages import LANGUAGES
from projections.explain.phrases import Value, Word, say
from projections.explain.terms import node_of, role
from projections.fold.state import FOREVER
from projections.standing.naming import Naming, naming
from projections.standing.question import Question
from projections.standing.replay import Replay
from projections.standing.writing import instant, local, money, points
from projections.views.chances import (
    Chance,
    Consequence,
    chance_phrase,
    chances,
    consequence_phrase,
)
from projections.views.headline import Headline
from projections.views.outcome import change_phrase, outcome
from projections.views.windows import next_change

View = dict[str, Any]
ROLES = ("subject", "authority")
"""Whom the rules are for, and who decides."""


def printed_view(question: Question, replay: Replay) -> View:
    """When an answer was given, and how long the log was then."""
    return {
        "printed_at": instant(question.now, replay.rulebook.zone),
        "log_position": question.log.head(),
    }


def glance_view(replay: Replay) -> View:
    """All that the head, the outcome and the next steps of a page need."""
    names, zone, rulebook = naming(replay), replay.rulebook.zone, replay.rulebook
    found = [(chance, chance_view(chance, replay, names)) for chance in chances(replay)]
    change = next_change(replay, names)
    return {
        "rulebook_hash": rulebook.hash,
        "utc_offset": utc_offset(replay.as_of, zone),
        "roles": {name: both(role(rulebook, name)) for name in ROLES},
        "outcome": [headline_view(headline, zone) for headline in outcome(replay)],
        "windows": [view for chance, view in found if chance.kind != "pending"],
        "pending_appeals": [view for chance, view in found if chance.kind == "pending"],
        "next_change": None
        if change is None
        else {
            "at": instant(change.at, zone),
            "kind": change.kind,
            "about": change.about or None,
            "text": both(change_phrase(change, rulebook)),
        },
        "rules": rules_view(replay, names),
        "titles": titles_view(replay, names),
    }


def utc_offset(at: int, zone: str) -> str:
    """`+08:00`, at an instant."""
    return local(at, zone).isoformat()[-6:]


def both(value: Value) -> View:
    """A sentence in each language."""
    return {language: say(value, language) for language in LANGUAGES}


def title_view(title: Title) -> View:
    return {"en": title.en, "zh": title.zh}


def headline_view(headline: Headline, zone: str) -> View:
    """What stands and why; `about` says of what."""
    recorded = max((e.recorded_at for e in headline.facts), default=0)
    return {
        "kind": headline.kind,
        "about": headline.about,
        "until": None if headline.until is None else instant(headline.until, zone),
        "text": both(headline.said),
        "why": both(headline.why),
        "violations": list(headline.violations),
        "events": [e.id for e in headline.facts],
        "recorded_at": instant(recorded, zone) if recorded else None,
        "clauses": list(headline.clauses),
    }


def chance_view(chance: Chance, replay: Replay, names: Naming) -> View:
    """An appeal or an exam, by when, and what it would change."""
    said = consequence_phrase(chance, replay, names)
    at = instant(chance.at, replay.rulebook.zone)
    named: View = {"violation": names.violations[chance.slot]}
    if chance.kind == "pending":
        named["lodged_at"] = at
    else:
        named = {"kind": chance.kind, **named, "until": at, "left": chance.left}
        named["obstacle"] = chance.obstacle or None
    won = chance.consequence
    return named | {
        "text": both(chance_phrase(chance, replay, names)),
        "consequence": None if won is None else consequence_view(won, replay, names),
        "would": None if said is None else both(said),
    }


def consequence_view(won: Consequence, replay: Replay, names: Naming) -> View:
    """What would differ in the standing."""
    zone = replay.rulebook.zone
    return {
        "scores": [
            {
                "counter": names.counters[i],
                "before": points(before),
                "change": points(after - before),
                "after": points(after),
            }
            for i, before, after in won.scores
        ],
        "stops": [
            {
                "feature": names.feature(ended.stop),
                "stopped": ended.after is not None,
                "until": instant(ended.after.until, zone)
                if ended.after is not None and ended.after.until < FOREVER
                else None,
            }
            for ended in won.stops
        ],
        "measures": [names.measure(replay.creator.measures[row]) for row in won.measures],
        "exam_rights": [names.categories[code] for code in won.freed],
        "money": [
            {
                "account": names.accounts[row][0],
                "currency": names.accounts[row][1],
                "released": money(amount, names.accounts[row][1]),
            }
            for row, amount in won.money
        ],
    }


def assumed_view(replay: Replay, references: Iterable[Reference]) -> list[View]:
    """Each figure that no source gives and an outcome rested on, once, with its note."""
    said = Figures(replay.tables.rulebooks)
    values = cache(lambda label: figures(said.rulebooks[label]))
    return [
        {
            "path": each.path,
            "rulebook": each.rulebook,
            "value": as_text(value) if (value := values(each.rulebook).get(each.path)) else None,
            "text": title_view(each.says),
            "note": title_view(each.why),
        }
        for each in assumptions(references, said)
    ]


def rules_view(replay: Replay, names: Naming) -> View:
    """Counters and nodes of the version in force: what a picture of the score needs."""
    rulebook = replay.rulebook
    return {
        "counters": {
            name: {
                "direction": counter.direction,
                "initial": as_text(counter.initial),
                "floor": as_text(counter.floor),
                "cap": None if counter.cap is None else as_text(counter.cap),
            }
            for name, counter in rulebook.counters.items()
        },
        "nodes": [node_view(name, node, names) for name, node in rulebook.nodes.items()],
    }


def node_view(name: str, node: Node, names: Naming) -> View:
    """A limit on a score, and what it stops for how long."""
    limit = next(word for word in NODE_LIMITS if getattr(node, word) is not None)
    return {
        "node": name,
        "counter": node.counter or names.counters[0],
        "when": limit,
        "limit": as_text(getattr(node, limit)),
        "every": None if node.every is None else as_text(node.every),
        "stops": [
            {"feature": stop.feature, **{w: v for w in STOP_LENGTHS if (v := getattr(stop, w))}}
            for stop in node.stops
        ],
    }


def titles_view(replay: Replay, names: Naming) -> View:
    """What people call everything that an answer names by a word."""
    books = replay.tables.rulebooks
    nodes = {name: node_of(name, book) for book in books for name in book.nodes}
    shown: dict[str, tuple[Iterable[str], Sequence[Any], str]] = {
        "counters": (names.counters, [b.counters for b in books], "counters"),
        "types": ({TYPE_NAME[type(e.fact)] for e in replay.history.envelopes}, [], "types"),
        "measures": (names.measures, [b.words | b.features for b in books], "measures"),
        "categories": ({*names.words} - {""}, [b.categories for b in books], "categories"),
        "accounts": ({account for account, _ in names.accounts}, [b.words for b in books], "words"),
    }
    titles: View = {
        "rulebook": title_view(replay.rulebook.title),
        "nodes": {name: both(phrase) for name, phrase in nodes.items()},
        "features": {
            name: title_view(feature) for b in books for name, feature in b.features.items()
        },
    }
    return titles | {key: _titled(*given) for key, given in shown.items()}


def _titled(words: Iterable[str], tables: Sequence[Any], shelf: str) -> View:
    """Of the latest version that has a title for it, else as messages have it, else the word."""
    found: View = {}
    for word in sorted(words) if isinstance(words, set) else words:
        items = [table[word] for table in reversed(tables) if word in table]
        titles = (getattr(item, "title", item) for item in items)
        title = next((title for title in titles if title is not None), None)
        found[word] = both(Word(shelf, word)) if title is None else title_view(title)
    return found
