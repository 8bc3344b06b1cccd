"""What a `Ledger` answers about why."""

from typing import Literal, TypedDict, Unpack, cast

from ledger.errors import InputError
from projections.standing.executed import told
from projections.standing.replay import Replay
from projections.views.objects import audit_view
from replay.audit.compare import compare
from replay.audit.selection import Selection, select
from replay.audit.then_and_now import compare_view
from replay.library import views
from replay.library.asking import Asking
from replay.library.compared import Compare
from replay.library.scenarios import Time, moment
from replay.pages.files import Documents, documents
from replay.statement.commands import statement_lines


class Closely(TypedDict, total=False):
    """Two times, and what a picture shows closely."""

    since: Time | None
    until: Time | None
    as_of: Time | None
    known_at: Time | None


class Auditing(Asking):
    """The part of `Ledger` that says why."""

    def audit(  # noqa: PLR0913  each chooses by itself
        self,
        creator: str,
        *,
        last: int | None = None,
        since: Time | None = None,
        until: Time | None = None,
        violation: str | None = None,
        only_changes: bool = False,
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> views.Audit:
        """Why a creator stands there: a ruling for each fact, with grounds and sentences.

        Of the rulings the last ones, those of a time, those about a violation, those that changed
        something; all where nothing is said. Raises LedgerError where no such violation is known.
        """
        question = self._at(as_of, known_at)
        facts = question.known_facts(creator)
        result = question.replay(creator, facts, rulings=True)
        wanted = Selection(last, *_span(result, since, until), violation, only_changes)
        answer = audit_view(result, select(result, wanted), told(result, facts, question))
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

    def statement(
        self,
        creator: str,
        sanction: str,
        language: Literal["en", "zh"] = "en",
        *,
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> str:
        """The statement of reasons for one sanction (`docs/statement.md`), as Markdown."""
        question = self._at(as_of, known_at)
        lines = statement_lines(question, creator, sanction, language, None)
        return "".join(f"{line}\n" for line in lines)

    def page(
        self, creator: str, language: Literal["en", "zh"] = "en", **asked: Unpack[Closely]
    ) -> str:
        """The audit as a page that needs nothing beside itself; the picture of a time, if asked."""
        return self._documents(creator, language, **asked).html()

    def picture(
        self, creator: str, language: Literal["en", "zh"] = "en", **asked: Unpack[Closely]
    ) -> str:
        """Its picture alone, as SVG."""
        return self._documents(creator, language, **asked).svg()

    def _documents(
        self,
        creator: str,
        language: str,
        since: Time | None = None,
        until: Time | None = None,
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> Documents:
        question = self._at(as_of, known_at)
        result = question.ask(creator, rulings=True)
        made = documents(question, result, language, *_span(result, since, until))
        question.pin()
        return made


def _span(result: Replay, since: Time | None, until: Time | None) -> tuple[int | None, int | None]:
    """On the clocks of the rulebook. Raises InputError where nothing lies between."""
    zone = result.rulebook.zone
    first = None if since is None else moment(since).beginning(zone)
    last = None if until is None else moment(until).instant(zone)
    if first is not None and last is not None and first > last:
        raise InputError("since is later than until: nothing lies between them")
    return first, last
