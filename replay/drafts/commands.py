"""click: `rulebook shadow`, `rulebook adopt` and `rulebook history`: how rules come into force."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.errors import InputError, LedgerError
from projections.standing.moments import Moment
from projections.standing.options import DAY, as_json, language, times

if TYPE_CHECKING:
    from projections.standing.question import Question
    from replay.drafts.shadow import Shadow

LIST_BYTES = 64 * 1024 * 1024


@click.command("shadow")
@click.argument("rulebook", metavar="NAME@VERSION|FILE")
@click.option(
    "--from",
    "since",
    type=DAY,
    metavar="DATE",
    help="As if the draft were in force from then. [its in_force_from]",
)
@click.option(
    "--creators",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="Only these: one id a line.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N of them.")
@click.option(
    "--archive",
    metavar="DIR|URL",
    default="",
    help="Read the log's archive, as `project --parquet` keeps it, for those who agree.",
)
@times
@language
@as_json
@click.pass_context
def shadow_command(  # noqa: PLR0913, PLR0917  click hands over each option by itself
    ctx: click.Context,
    rulebook: str,
    since: date | None,
    creators: Path | None,
    limit: int | None,
    archive: str,
    as_of: Moment | None,
    known_at: Moment | None,
    language: str,
    as_json: bool,
) -> None:
    """Run a draft beside the version in force, over the same log: where do they disagree?

    The draft judges together with the versions before it, as if it were adopted. Nothing is
    written but what any question writes. Exit code 0: they agree on everybody; 1: they differ.
    """
    from ledger.rulebook.shelf import load
    from projections.standing.question import Question
    from replay.drafts.shadow import Shadow

    if creators is not None and limit is not None:
        raise click.UsageError("Give --creators or --limit, not both.")
    if archive and (creators is not None or limit is not None):
        raise click.UsageError("--archive is for everybody, without --creators and --limit.")
    named = None if creators is None else creators_of(creators)
    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        draft = load(rulebook) if rulebook.endswith(".toml") else question.shelf.find(rulebook)
        shadow = Shadow(question, draft, since)
        _run(shadow, named, limit, archive, language, as_json=as_json)
    if shadow.totals.disagree:
        ctx.exit(LedgerError.exit_code)


def _run(
    shadow: "Shadow",
    named: list[str] | None,
    limit: int | None,
    archive: str,
    language: str,
    *,
    as_json: bool,
) -> None:
    from ledger.rulebook.shelf import starts_at
    from projections.standing.writing import json_line
    from replay.drafts.report import creator_lines, head_line, totals_lines, words_of
    from replay.drafts.shadow import creator_view, disagree, totals_view
    from replay.drafts.subjects import everybody, some

    words = words_of(shadow, language)
    if not as_json:
        click.echo(head_line(shadow, words))
    question = shadow.question
    with bar(question, named, limit) as advance:
        if named is not None:
            subjects = some(question, named, advance)
        elif limit is not None:
            subjects = some(question, question.creators(), advance)
        else:
            subjects = everybody(shadow, archive, advance)
        for creator, envelopes in subjects:
            compared = shadow.creator(creator, envelopes)
            if compared is not None and disagree(compared):
                view = creator_view(compared)
                for line in [json_line(view)] if as_json else creator_lines(view, words):
                    click.echo(line)
            if shadow.totals.creators == limit:
                break
    if as_json:
        click.echo(json_line(totals_view(shadow)))
        return
    asked = shadow.question.as_of
    as_of = shadow.question.now if asked is None else asked.instant(shadow.draft.zone)
    for line in totals_lines(shadow, as_of, starts_at(shadow.draft), words):
        click.echo(line)


def creators_of(file: Path) -> list[str]:
    """The ids of a file, one a line, each once."""
    try:
        with file.open(encoding="utf-8") as stream:
            text = stream.read(LIST_BYTES + 1)
    except (OSError, UnicodeError) as error:
        raise InputError(f"{str(file)!r} can't be read: {error}") from None
    if len(text) > LIST_BYTES:
        raise InputError(f"{str(file)!r} is larger than {LIST_BYTES // 2**20} MiB")
    return list(dict.fromkeys(line for line in text.splitlines() if line.strip()))


@contextmanager
def bar(
    question: "Question", named: list[str] | None, limit: int | None
) -> Iterator[Callable[[int], object]]:
    """How far it is, on a terminal's error output; what is printed meanwhile stands above it."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    total = limit or (sum(1 for _ in question.creators()) if named is None else len(named))
    with Progress(
        console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty()
    ) as progress:
        task = progress.add_task("shadow", total=total)
        yield lambda count: progress.advance(task, count)


@click.command("adopt")
@click.argument("rulebook", metavar="NAME@VERSION")
@click.option("--id", "id_", required=True, help="The fact's id: recorded once only.")
@click.option("--source", default="urn:penalty-ledger:cli", show_default=True, help="Who says so.")
@click.option("--time", metavar="RFC3339", help="When it was adopted, with offset. [now]")
@click.option("--json", "json_", is_flag=True, help="The receipt as a JSON object.")
@click.pass_context
def adopt_command(
    ctx: click.Context, rulebook: str, id_: str, source: str, time: str | None, json_: bool
) -> None:
    """Record that a draft is adopted: it is in force from its own date on.

    The file is checked and its cases are run first. A version that would rule before its adoption
    is refused. From then on the file may not change.
    """
    from ledger.log.port import open_log
    from ledger.rulebook.pinning import Pinning
    from ledger.rulebook.shelf import Shelf
    from replay.drafts.adoption import adopt, adoption, draft_of, tried

    shelf = Shelf(ctx.obj["rulebooks"])
    draft = draft_of(shelf, rulebook)
    tried(draft, shelf)
    fact = adoption(draft, source, id_, time)
    with open_log(ctx.obj["db"], create=True, law=Pinning(shelf)) as log:
        receipt = adopt(draft, fact, shelf, log)
    if json_:
        names = ("status", "position", "version")
        click.echo(json.dumps({name: getattr(receipt, name) for name in names}))
        return
    said = "adopted" if receipt.status == "recorded" else "already adopted"
    click.echo(
        f"{draft.label} {said} at position {receipt.position}; "
        f"in force from {draft.in_force_from}, hash {draft.hash[:12]}"
    )


@click.command("history")
@click.argument("name")
@click.option(
    "--from",
    "since",
    type=DAY,
    metavar="DATE",
    help="Only what was in force from then on, and what changed from then on.",
)
@language
@as_json
@click.pass_context
def history_command(
    ctx: click.Context, name: str, since: date | None, language: str, as_json: bool
) -> None:
    """The versions of NAME: what changed when, in force when, since when pinned, adopted by whom.

    Ends with 4 where a file is no longer what it was when the ledger pinned it.
    """
    from ledger.errors import NoLedgerError
    from ledger.log.port import open_reader
    from ledger.rulebook.shelf import Shelf, verify_pins
    from projections.standing.writing import json_line
    from replay.drafts.history import history, history_lines, history_view

    with ExitStack() as opened:
        log = None
        with suppress(NoLedgerError):
            log = opened.enter_context(open_reader(ctx.obj["db"]))
        told = history(name, Shelf(ctx.obj["rulebooks"]), log, since)
    for line in (
        [json_line(history_view(told, since))] if as_json else history_lines(told, since, language)
    ):
        click.echo(line)
    pins = {(c.pin.name, c.pin.version): c.pin.hash for c in told.chapters if c.pin is not None}
    verify_pins([c.rulebook for c in told.chapters], pins, by="was pinned in this ledger")
