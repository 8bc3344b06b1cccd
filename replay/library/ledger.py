"""A ledger from Python: what the commands ask, as plain dictionaries with their types."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, cast

import msgspec

from ledger.errors import InputError
from ledger.facts.cloudevents import Refusal, parse, to_dict
from ledger.facts.envelope import Envelope
from ledger.log.port import Log, open_log
from ledger.rulebook.document import document, head
from ledger.rulebook.pinning import Pinning
from projections.readmodels.target import Target
from projections.standing.everybody import LeftOut, complain, everybody
from projections.standing.executed import told
from projections.standing.question import Question
from projections.views.objects import audit_view, standing_view, whole_standing_view
from replay.audit.compare import compare
from replay.audit.then_and_now import compare_view
from replay.bundle.form import read, written
from replay.bundle.pack import pack
from replay.bundle.report import verdict_view
from replay.bundle.rerun import rerun
from replay.library import answers, views
from replay.library.compared import Compare
from replay.library.scenarios import Query, Scenario, Time, moment, queries, read_scenario, stacked
from replay.whatif.counterfactual import compare as compared
from replay.whatif.counterfactual import comparison_view
from replay.whatif.questions.afford import afford_view
from replay.whatif.questions.avoid import avoid, avoid_view
from replay.whatif.questions.figures import figures_view
from replay.whatif.questions.orders import orders, orders_view
from replay.whatif.questions.target import read_target
from replay.whatif.questions.wrongful import wrongful_view
from replay.whatif.world import World, asked_world

Fact = Mapping[str, object] | str | bytes
"""A CloudEvent, as a mapping or as JSON (`docs/facts.md`)."""


class Ledger:
    """A log with the rulebooks that judge it. Use as a context manager, from one thread.

    Questions see whatever was recorded by then, whoever recorded it. Every failure is a
    `LedgerError` with one sentence: `StoreError` for the log, `RulebookError` for the rules.
    """

    def __init__(self, url: str, rulebooks: Sequence[str | Path] = ()) -> None:
        self._url, self._rulebooks = url, rulebooks
        self._question = Question(url, rulebooks)
        self._opened = ExitStack()
        self._opened.enter_context(self._question.log)
        self._log: Log | None = None

    @classmethod
    def open(
        cls, url: str, *, rulebooks: str | Path | Sequence[str | Path] = (), create: bool = False
    ) -> "Ledger":
        """The ledger at `sqlite:///path/to/file.db` or `postgresql://…`.

        `rulebooks` is a directory of your own ones, `<name>/<version>.toml`, or several; with
        `create` a ledger that is not there is made. Raises StoreError, RulebookError.
        """
        if create:
            open_log(url, create=True).close()
        return cls(url, [rulebooks] if isinstance(rulebooks, str | Path) else rulebooks)

    def append(
        self, facts: Iterable[Fact], *, expected_version: int | None = None
    ) -> list[views.Receipt]:
        """Record facts in one transaction: all that is new among them, or nothing.

        A fact that is there already changes nothing; one whose source and id are taken by another
        content is left out, and its receipt says `conflict`. With `expected_version` all must be of
        one creator whose stream is at that version, else ConflictError. A `recordedtime` is not
        honoured: `import` does that. Raises InputError for what is no fact.
        """
        page = [_read(fact, number) for number, fact in enumerate(facts, 1)]
        if self._log is None:
            self._log = self._opened.enter_context(
                open_log(self._url, law=Pinning(self._question.shelf))
            )
        receipts = self._log.append(page, expected_version=expected_version)
        names = ("status", "position", "version")
        return [cast(views.Receipt, {name: getattr(r, name) for name in names}) for r in receipts]

    def facts(self, creator: str) -> list[views.Event]:
        """All facts of a creator, in the order of the log. Raises LedgerError if there are none."""
        return [cast(views.Event, to_dict(e)) for e in self._question.facts(creator)]

    def recorded(self, after: int = 0, limit: int = 1000) -> list[views.Recorded]:
        """The next facts of the whole log after a position, in its order, without gaps.

        A reader that keeps the last position and asks again misses none and sees none twice.
        """
        return [
            {"position": e.position, "event": cast(views.Event, to_dict(e))}
            for e in self._question.log.after(after, limit)
        ]

    def head(self) -> int:
        """The position of the last fact; 0 where there is none."""
        return self._question.log.head()

    def creators(self) -> Iterator[str]:
        """Everybody of whom a fact is recorded, in the order of their ids' code points."""
        return self._question.creators()

    def standing(
        self, creator: str, *, as_of: Time | None = None, known_at: Time | None = None
    ) -> views.Standing:
        """Where a creator stands as of an instant, as known at one; both default to now.

        With why, what can still be done, and what that would change. Raises LedgerError where
        nothing was known of the creator.
        """
        question = self._at(as_of, known_at)
        answer = whole_standing_view(question.ask(creator, rulings=True))
        question.pin()
        return cast(views.Standing, answer)

    def standings(
        self, *, as_of: Time | None = None, known_at: Time | None = None
    ) -> Iterator[views.StandingRow]:
        """The bare standing of everybody of whom a fact was known, one by one.

        Those whose rulebook is not here are left out, and a RulebookError at the end counts them.
        """
        question = self._at(as_of, known_at)
        left_out = LeftOut()
        for result in everybody(question, question.creators(), left_out):
            yield cast(views.StandingRow, standing_view(result))
        question.pin()
        complain(left_out)

    def audit(
        self, creator: str, *, as_of: Time | None = None, known_at: Time | None = None
    ) -> views.Audit:
        """Why a creator stands there: a ruling for each fact, with grounds and sentences."""
        question = self._at(as_of, known_at)
        facts = question.known_facts(creator)
        result = question.replay(creator, facts, rulings=True)
        answer = audit_view(result, stopped=told(result, facts, question))
        question.pin()
        return cast(views.Audit, answer)

    def compare(
        self, creator: str, before: Time, after: Time | None = None, *, as_of: Time | None = None
    ) -> Compare:
        """What was known at `before`, and at `after` (now), of an instant: of `before` itself.

        Which facts made the difference, which rulings would have been other, and which stops were
        executed meanwhile for longer or less than they are judged. Raises InputError for times in
        the wrong order or still to come, LedgerError where nothing was known yet.
        """
        question = self._at(as_of, None)
        until = None if after is None else moment(after)
        answer = compare_view(compare(question, creator, moment(before), until))
        question.pin()
        return cast(Compare, answer)

    def what_if(  # noqa: PLR0913  each is an intervention by itself
        self,
        creator: str,
        *,
        scenario: Scenario = (),
        drop: Iterable[str | Query] = (),
        add: Iterable[Fact] = (),
        move: Mapping[str, Time] | None = None,
        amend: Mapping[str, Mapping[str, object]] | None = None,
        remap: Mapping[str, str] | None = None,
        rulebook: str = "",
        set: Mapping[str, str | int | Decimal] | None = None,
        recoveries: Literal["recorded", "due"] = "recorded",
        every: bool = False,
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> answers.WhatIf:
        """The record beside the same with other facts or other rules. Nothing is written.

        `scenario` is a file, or the steps of one (`docs/what-if.md`); what else is said comes after
        it. `drop` names facts by id (`SOURCE#ID` where several sources use one) or by conditions,
        `add` brings some in (type, time and data are enough), `move` is {id: time, or "-7d"},
        `amend` {id: {field: value}} where None takes a field away, `remap` {category: category}.
        `rulebook` is `name` or `name@version`, `set` {key path: value} of figures; `recoveries` may
        be those that the rules make due in place of the recorded ones. `every` has the rulings that
        are the same too. Raises InputError, RulebookError.
        """
        given = read_scenario(scenario) + stacked(
            move=move or {},
            drop=drop,
            amend=amend or {},
            add=[_text(fact) for fact in add],
            remap=remap or {},
            rulebook=rulebook,
            set={key: _figure(value) for key, value in (set or {}).items()},
            recoveries=recoveries,
        )
        comparison = compared(self._at(as_of, known_at), creator, given)
        return cast(answers.WhatIf, comparison_view(comparison, every=every))

    def orders(
        self,
        creator: str,
        *,
        among: Iterable[str | Query] = (),
        scenario: Scenario = (),
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> answers.Orders:
        """Every legal order of some facts, by what comes out; of all appeals and exams by itself.

        Raises InputError where there are not two.
        """
        found = orders(self._world(creator, scenario, as_of, known_at), queries(among))
        return cast(answers.Orders, orders_view(found))

    def avoid(
        self,
        creator: str,
        target: str,
        *,
        scenario: Scenario = (),
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> answers.Avoided:
        """The smallest sets of single changes that avoid a stop, or reach a score.

        `target` is `NODE`, `FEATURE` or `NODE.FEATURE`, or `score>=X`; then perhaps `@DATE`. Raises
        InputError for what is none.
        """
        world = self._world(creator, scenario, as_of, known_at)
        return cast(answers.Avoided, avoid_view(avoid(world, read_target(target, world))))

    def afford(
        self,
        creator: str,
        *,
        scenario: Scenario = (),
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> answers.Afford:
        """How many more points can be lost before each node. Raises InputError before enrolment."""
        world = self._world(creator, scenario, as_of, known_at)
        return cast(answers.Afford, afford_view(world.replay()))

    def wrongful(
        self,
        creator: str,
        *,
        scenario: Scenario = (),
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> answers.Wrongful:
        """What each granted appeal had cost that would not have been lost without its violation."""
        world = self._world(creator, scenario, as_of, known_at)
        return cast(answers.Wrongful, wrongful_view(world))

    def which_figures(
        self,
        creator: str,
        *,
        scenario: Scenario = (),
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> answers.WhichFigures:
        """Which figures, changed alone by how little, would have changed score or stops."""
        world = self._world(creator, scenario, as_of, known_at)
        return cast(answers.WhichFigures, figures_view(world))

    def _world(
        self, creator: str, scenario: Scenario, as_of: Time | None, known_at: Time | None
    ) -> World:
        question = self._at(as_of, known_at)
        return asked_world(question, creator, read_scenario(scenario))

    def bundle(
        self,
        creators: Iterable[str],
        *,
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> bytes:
        """Facts, rules and rulings of some creators as one file, which `check_bundle` asks again.

        Raises LedgerError where nothing was known of one.
        """
        question = self._at(as_of, known_at)
        data = b"".join(written(pack(question, creators)))
        question.pin()
        return data

    def project(
        self,
        target: str | Target,
        *,
        prefix: str = "pl",
        report: Callable[[str], None] = lambda _: None,
    ) -> list[views.Status]:
        """Bring a read model up to the end of the log, and say how far it then is.

        `target` is the URL of a Redis (whose keys begin with `prefix`) or of an SQL database, or
        your own (`docs/readmodels.md`). Of a Redis in shards there is a status each. `report` is
        called with what a person should know of the server, or is waited for. Raises StoreError.
        """
        from projections.readmodels.follower import KEPT, Settings
        from projections.readmodels.runner import Runner, owner, run
        from projections.readmodels.source import Source
        from projections.readmodels.status import status_view

        with ExitStack() as opened:
            question = opened.enter_context(Question(self._url, self._rulebooks))
            targets = _targets(target, prefix, opened) if isinstance(target, str) else [target]
            for warning in dict.fromkeys(w for each in targets for w in each.warnings()):
                report(warning)
            source = Source(question)
            name, settings = owner(), Settings(kept=KEPT // len(targets))
            runners = [Runner(source, each, settings, report, name) for each in targets]
            run(runners, threading.Event(), once=True)
            return [cast(views.Status, status_view(source, each)) for each in targets]

    def rulebooks(self) -> list[views.Rulebook]:
        """Every version of every rulebook that is here, drafts too."""
        shelf = self._question.shelf
        every = [r for name in shelf.names() for r in shelf.versions(name, drafts=True)]
        return [cast(views.Rulebook, head(r)) for r in every]

    def rulebook(self, label: str) -> views.RulebookDocument:
        """Every figure of `name@version`, or of the newest version of `name`, with its source."""
        return cast(views.RulebookDocument, document(self._question.shelf.find(label)))

    def close(self) -> None:
        """Give the store back."""
        self._opened.close()

    def _at(self, as_of: Time | None, known_at: Time | None) -> Question:
        times = (None if time is None else moment(time) for time in (as_of, known_at))
        return self._question.at(*times)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def check_bundle(data: bytes) -> list[views.Verdict]:
    """Whether the answers of a bundle come out again by its own facts and rules, without a ledger.

    Raises InputError where it is none, cut off, altered or newer, RulebookError for its rules.
    """
    bundle = read(data, "the bundle")
    return [cast(views.Verdict, verdict_view(verdict)) for verdict in rerun(bundle)]


def _read(fact: Fact, number: int) -> Envelope:
    said = parse(_text(fact), file="facts", line_no=number)
    if isinstance(said, Refusal):
        raise InputError(f"fact {number}, {said.field}: found {said.found}; wanted {said.wanted}")
    return said


def _text(fact: Fact) -> str:
    if isinstance(fact, str):
        return fact
    text = fact if isinstance(fact, bytes) else msgspec.json.encode(dict(fact))
    return text.decode("utf-8", "backslashreplace")


def _figure(value: str | int | Decimal) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _targets(url: str, prefix: str, opened: ExitStack) -> list[Target]:
    targets: list[Target]
    if url.partition(":")[0] in {"sqlite", "postgresql", "postgres"}:
        from projections.readmodels.sql.target import open_sql

        targets = [open_sql(url)]
    else:
        from projections.readmodels.redis.target import open_redis

        targets = [*open_redis(url, prefix=prefix)]
    for target in targets:
        opened.callback(target.close)
    return targets
