"""What a lawyer would look at twice in a sound rulebook: nothing here is an error.

An error is what can't be ruled by; a warning is what can be ruled by and is perhaps not meant: a
node nobody reaches, a stricter one that is over sooner, points that never come back, words that say
another figure than the table.
"""

from itertools import combinations, pairwise
from typing import Any

from ledger.rulebook.checks.conflicts import conflicts
from ledger.rulebook.checks.doubts import CHECKS as STRICTNESS
from ledger.rulebook.checks.doubts import Doubt, Found, counter_of, warn
from ledger.rulebook.figures import figures
from ledger.rulebook.model import Rulebook

DIRECTIONS = {
    "balance": (("points that are taken here", "扣除的分值"), ("come back", "恢复")),
    "tally": (("points that are collected here", "累计的分值"), ("go away", "消除")),
}
"""What violations do to a counter, and what is the way back, in both languages."""


def warnings(r: Rulebook) -> list[Doubt]:
    """All that is worth another look."""
    return [doubt for check in CHECKS for doubt in check(r)]


def _categories(r: Rulebook) -> Found:
    for (one, first), (other, second) in combinations(r.categories.items(), 2):
        for language in ("en", "zh"):
            if getattr(first.title, language) == getattr(second.title, language):
                title = getattr(first.title, language)
                yield warn(
                    f"categories.{other}.title",
                    f'bears the title of categories.{one}, "{title}": which is a violation under?',
                    f"与 categories.{one} 同名“{title}”：违规应归入哪一类？",
                )
                break
    groups: dict[object, list[str]] = {}
    for name, category in r.categories.items():
        figures = tuple(
            repr(getattr(category, f)) for f in category.__struct_fields__ if f != "title"
        )
        if category.points is not None:
            groups.setdefault(figures, []).append(name)
    for names in groups.values():
        if len(names) > 1:
            yield warn(
                f"categories.{names[0]}",
                f"has the same figures as {', '.join(names[1:])}: meant to be told apart?",
                f"与 {'、'.join(names[1:])} 的各项数值相同：是否有意区分？",
            )


def _moves(r: Rulebook, counter: str) -> bool:
    """Whether any violation can cost points on a counter; without figures the fact brings them."""
    steps = [step for ladder in r.ladders.values() for step in ladder.steps]
    costs = [step.points for step in steps if step.points is not None]
    for category in r.categories.values():
        if counter_of(r, category.counter)[0] == counter:
            for _, graded in category.grades():
                if graded.points is None:
                    return True
                costs.append(graded.points)
    return any(costs)


def _recoverable(r: Rulebook) -> Found:
    adding = [r.recovery, r.accrual_exam, r.courses]
    fed = {counter_of(r, giver.counter)[0] for giver in adding if giver is not None}
    fed |= {counter_of(r, node.counter)[0] for node in r.nodes.values() if node.removes is not None}
    fed |= {
        counter_of(r, category.counter)[0]
        for category in r.categories.values()
        if any(graded.restorable for _, graded in category.grades())
    }
    for name, counter in r.counters.items():
        restarts = counter.expires_after is not None or counter.reset is not None
        if name not in fed and not restarts and _moves(r, name):
            went, back = DIRECTIONS[counter.direction]
            yield warn(
                f"counters.{name}",
                f"{went[0]} {back[0]} only if an appeal is granted; there is no recovery, exam, "
                "course, expiry or reset",
                f"{went[1]}仅在申诉通过时{back[1]}；未规定恢复、考试、课程、到期或重置",
            )
    run_out = r.recovery.runs if r.recovery is not None else ()
    _, counter = counter_of(r, r.recovery.counter if r.recovery is not None else "")
    for i, (run, _) in enumerate(pairwise(run_out)):
        if counter.cap is not None and run.below is not None and run.below > counter.cap:
            yield warn(
                f"recovery.runs.{i + 1}",
                f"never reached: every score is below {run.below}, the cap being {counter.cap}",
                f"无法到达：上限为{counter.cap}，任何分值均低于{run.below}",
            )


def _exam(r: Rulebook) -> Found:
    if r.exam is None:
        return
    if not any(g.restorable for c in r.categories.values() for _, g in c.grades()):
        yield warn(
            "exam",
            "no category is restorable, so that a passed exam gives nothing back",
            "没有任何类别可恢复分值，考试通过也无所得",
        )


def _unused(r: Rulebook) -> Found:
    stops = [stop for node in r.nodes.values() for stop in node.stops]
    for category in r.categories.values():
        stops += [stop for _, graded in category.grades() for stop in graded.stops]
    steps = [step for ladder in r.ladders.values() for step in ladder.steps]
    stops += [stop for step in steps for stop in step.stops or ()]
    stopped = {stop.feature for stop in stops} | r.lapses.keys()
    for feature in r.features:
        if feature not in stopped:
            yield warn(
                f"features.{feature}",
                "no node, category or step stops it or gives it",
                "没有任何节点、类别或阶梯停用或给予它",
            )
    cited = {citation.source for citation in r.citations.values()}
    for source in r.sources:
        if source not in cited:
            yield warn(f"sources.{source}", "no figure cites it", "没有任何数值引用它")


def _conflicts(r: Rulebook) -> Found:
    for clause, figure, other_figure in conflicts(r):
        concept: Any = clause.partition(".")[2]
        words, value = r.clauses[concept], figures(r)[figure]
        one, other = r.cite(clause).label, r.cite(figure).label
        if other_figure:
            yield warn(
                figure,
                f'the figure is {value} ({other}), and {clause} says "{words.en}" ({one})',
                f"数值为{value}（{other}），而 {clause} 写道“{words.zh}”（{one}）",
            )
        else:
            yield warn(
                figure,
                f"rests on {other}, and {clause} on {one}: which of the two holds?",
                f"依据为 {other}，而 {clause} 依据 {one}：以何者为准？",
            )


CHECKS = (*STRICTNESS, _categories, _recoverable, _exam, _unused, _conflicts)
