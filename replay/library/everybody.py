"""The same question about everybody: other rules for all creators, beside those in force."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict, cast

from projections.standing.question import Question
from replay.library.scenarios import Scenario, Time, moment, read_scenario, stacked

if TYPE_CHECKING:
    from replay.population.report.page import Paper
    from replay.population.study.answer import Result

Figure = str | int | Decimal
Interval = list[int]
"""Low, estimate and high of all creators in the ledger, where only a sample was drawn."""


class FeatureSum(TypedDict):
    feature: str
    stopped: int
    for_good: int
    days: str


class ScoreSum(TypedDict):
    mean: str | None
    distribution: list[tuple[str, int]]
    """Each score, as numbers go up, and how many creators have it."""


class NodeSum(TypedDict):
    rulebook: str
    node: str
    clause: str
    crossed: int
    creators: int


class CategorySum(TypedDict):
    category: str
    severity: str | None
    violations: int
    points: str


class ClauseSum(TypedDict):
    clause: str
    violations: int
    points: str
    crossed: int


class Side(TypedDict):
    """Everybody under one set of rules."""

    rulebooks: list[dict[str, str]]
    recoveries: Literal["recorded", "due"]
    stopped: int
    creator_days: str
    feature_days: str
    features: list[FeatureSum]
    scores: dict[str, ScoreSum]
    nodes: list[NodeSum]
    categories: list[CategorySum]
    clauses: list[ClauseSum]
    cohorts: list[dict[str, Any]]
    levels: list[dict[str, Any]]
    money: list[dict[str, Any]]
    estimates: NotRequired[dict[str, Interval]]


class Moves(TypedDict):
    newly_stopped: int
    freed: int
    score_higher: int | None
    score_lower: int | None
    classes: list[str]
    matrix: list[list[int]]
    estimates: NotRequired[dict[str, Interval]]


class Point(TypedDict):
    """One point of a sweep."""

    values: dict[str, str]
    stopped: int
    newly_stopped: int
    freed: int
    creator_days: str
    mean_score: str | None
    score_higher: int | None
    score_lower: int | None
    estimates: NotRequired[dict[str, Interval]]


class Sweep(TypedDict):
    keys: list[dict[str, Any]]
    points: list[Point]


class Answer(TypedDict):
    """What `population --json` prints (`docs/output.md`)."""

    rulebook: str
    as_of: str
    known_at: str | None
    creators: int
    where: list[str]
    elsewhere: int
    left_out: dict[str, int]
    sample: dict[str, int] | None
    held_fixed: str
    held_fixed_zh: str
    scenario: dict[str, Any]
    baseline: Side
    counterfactual: Side | None
    moves: Moves | None
    sweep: Sweep | None
    orders: dict[str, int] | None
    wrongful: dict[str, Any] | None
    check: dict[str, Any] | None
    manifest: dict[str, Any]


class Moved(TypedDict):
    """A creator who is stopped under one set of rules only."""

    creator: str
    change: Literal["newly_stopped", "freed"]
    score_before: str
    score_after: str
    features: str
    until: str | None


class Population:
    """An answer about everybody: numbers, plots, and who moved. A notebook shows the plots."""

    def __init__(self, result: "Result") -> None:
        from replay.population.study.view import answer_view

        self._result = result
        self.answer: Answer = cast(Answer, answer_view(result))

    def moved(self) -> list[Moved]:
        """Who is newly stopped or freed by the scenario, in the order of the ledger."""
        from replay.population.study.view import moved_view

        return [cast(Moved, moved_view(self._result, each)) for each in self._result.moved]

    def svg(self, language: Literal["en", "zh"] = "en") -> str:
        """All plots as one picture."""
        return self.paper(language).svg()

    def html(self, language: Literal["en", "zh"] = "en") -> str:
        """A page that needs nothing else: plots and tables."""
        return self.paper(language).html()

    def _repr_svg_(self) -> str:
        return self.svg()

    def paper(self, language: str) -> "Paper":
        """What both are made by, for pages that have more on them."""
        from replay.population.report.page import Paper
        from replay.population.report.words import Teller

        return Paper(dict(self.answer), Teller(self._result, language))


def population(  # noqa: PLR0913  each is an option by itself
    url: str,
    *,
    archive: str = "",
    rulebooks: Sequence[str | Path] = (),
    of: str = "douyin-creator",
    scenario: Scenario = (),
    rulebook: str = "",
    set: Mapping[str, Figure] | None = None,
    recoveries: Literal["recorded", "due"] = "recorded",
    sweep: Mapping[str, tuple[Figure, Figure, Figure]] | None = None,
    where: Iterable[str] = (),
    sample: int | None = None,
    seed: int = 0,
    orders: bool = False,
    wrongful: bool = False,
    check: float = 0.0,
    as_of: Time | None = None,
    known_at: Time | None = None,
    threads: int | None = None,
    advance: Callable[[int], object] = lambda _: None,
) -> Population:
    """Other rules for all creators of the ledger at a URL, beside those in force.

    `of` is the rulebook under which they are enrolled; `scenario`, `rulebook`, `set` and
    `recoveries` say what is different, as in `Ledger.what_if`, of rules alone. `sweep` is
    {key path: (first, last, step)} of one figure or two. `where` are conditions as `level>=4`,
    `sample` draws so many creators by `seed`. `archive` is read in place of the log. `check` is the
    share of creators who are asked of CPython too. `advance` is told how many more creators are
    done, which may be 0, as it is at first, when all that can be refused was; it ends the work by
    raising. What people did is held fixed. Raises InputError, RulebookError, StoreError, and
    LedgerError where the two engines differ.
    """
    from replay.population.needs import check_packages

    check_packages()
    from replay.population.study.answer import Asked
    from replay.population.study.sweep import read_sweep
    from replay.population.study.threads import answer
    from replay.population.study.where import read_condition

    figures = {key: _text(value) for key, value in (set or {}).items()}
    given = read_scenario(scenario) + stacked(
        move={}, drop=(), amend={}, rulebook=rulebook, set=figures, recoveries=recoveries
    )
    spans = {key: ":".join(map(_text, span)) for key, span in (sweep or {}).items()}
    asked = Asked(
        name=of,
        scenario=given,
        sweeps=tuple(read_sweep(f"{key}={span}") for key, span in spans.items()),
        where=tuple(map(read_condition, where)),
        sample=sample,
        seed=seed,
        threads=threads,
        listed=bool(given.steps),
        check=check,
        orders=orders,
        wrongful=wrongful,
        archive=archive,
    )
    times = (None if time is None else moment(time) for time in (as_of, known_at))
    with Question(url, rulebooks, *times) as question:
        result = answer(question, asked, advance)
    if result.check is not None:
        result.check.complain()
    return Population(result)


def _text(figure: Figure) -> str:
    return str(figure).lower() if isinstance(figure, bool) else str(figure)
