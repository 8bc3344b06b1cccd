"""A ledger from Python: what the commands ask, as plain dictionaries with their types."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from ledger.errors import InputError
from ledger.facts.cloudevents import Refusal, parse, to_dict
from ledger.facts.envelope import Envelope
from ledger.log.port import Log, open_log
from ledger.rulebook.pinning import Pinning
from projections.readmodels.target import Target
from projections.standing.everybody import LeftOut, complain, everybody
from projections.standing.question import Question
from projections.views.objects import standing_view, whole_standing_view
from replay.bundle.form import read, written
from replay.bundle.pack import pack
from replay.bundle.report import verdict_view
from replay.bundle.rerun import rerun
from replay.library import views
from replay.library.auditing import Auditing
from replay.library.changing import Changing
from replay.library.overview import Overview, overview
from replay.library.ruled import Ruled
from replay.library.scenarios import Time, moment
from replay.library.search import Wanted, search
from replay.library.supposing import Fact, Supposing, text


class Ledger(Supposing, Auditing, Changing, Ruled):
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
        page = [read_fact(fact, number) for number, fact in enumerate(facts, 1)]
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

    def search(  # noqa: PLR0913  each is a condition by itself
        self,
        *,
        types: Iterable[str] = (),
        creator: str = "",
        source: str = "",
        violation: str = "",
        batch: str = "",
        clause: str = "",
        since: Time | None = None,
        until: Time | None = None,
        recorded_since: Time | None = None,
        recorded_until: Time | None = None,
        data: Mapping[str, str] | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> views.Found:
        """Facts by what is in them, in the order of the log, after a position.

        `clause` is one that a fact's ruling relies on; `data` are fields of the fact or attributes
        beside them, as text. Times without an offset are in UTC. An answer that has come to its
        bounds says after which position to go on. Raises InputError for a type that there is not.
        """
        instants = {
            "since": _beginning(since),
            "until": None if until is None else moment(until).instant("UTC"),
            "recorded_since": _beginning(recorded_since),
            "recorded_until": None
            if recorded_until is None
            else moment(recorded_until).instant("UTC"),
        }
        wanted = Wanted(
            tuple(types), creator, source, violation, batch, clause, data=data or {}, **instants
        )
        found, following = search(self._at(None, None), wanted, after, limit)
        facts = [cast(views.Recorded, {"position": e.position, "event": to_dict(e)}) for e in found]
        return {"facts": facts, "next": following}

    def overview(self, advance: Callable[[int], object] = lambda _: None) -> Overview:
        """How everybody stands now: scores, and who is stopped until when.

        `advance` is told, as they are done, of how many more creators.
        """
        return overview(self._at(None, None), advance)

    def head(self) -> int:
        """The position of the last fact; 0 where there is none."""
        return self._question.log.head()

    def creators(self, after: str = "") -> Iterator[str]:
        """Everybody of whom a fact is recorded, in the order of their ids' code points."""
        return self._question.creators(after)

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
        self,
        creators: Iterable[str] | None = None,
        *,
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> Iterator[views.StandingRow]:
        """The bare standing of everybody of whom a fact was known, or of some, one by one.

        Those whose rulebook is not here are left out, and a RulebookError at the end counts them.
        """
        question = self._at(as_of, known_at)
        left_out = LeftOut()
        for result in everybody(
            question, question.creators() if creators is None else creators, left_out
        ):
            yield cast(views.StandingRow, standing_view(result))
        question.pin()
        complain(left_out)

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
        from projections.readmodels.watch.status import status_view

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

    def close(self) -> None:
        """Give the store back."""
        self._opened.close()

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


def _beginning(time: Time | None) -> int | None:
    return None if time is None else moment(time).beginning("UTC")


def read_fact(fact: Fact, number: int) -> Envelope:
    """As it would be recorded. Raises InputError for what is no fact."""
    said = parse(text(fact), file="facts", line_no=number)
    if isinstance(said, Refusal):
        raise InputError(f"fact {number}, {said.field}: found {said.found}; wanted {said.wanted}")
    return said


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
