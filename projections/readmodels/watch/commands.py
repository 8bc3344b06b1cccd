"""click: `project`, `status`, `rebuild` and `check`: read models for people who run them."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from projections.readmodels.watch.places import FEED_LENGTH, Place, lines, place
from projections.standing.options import as_json

if TYPE_CHECKING:
    from projections.readmodels.source import Source
    from projections.readmodels.target import Generation, Target

NOT_WHOLE = 1
COMMANDLINE = ParameterSource.COMMANDLINE


parquet = click.option(
    "--parquet",
    metavar="DIR",
    help="The archive for questions about everybody: the log as Parquet files in a directory.",
)


@click.command("project")
@place
@parquet
@click.option("--ndjson", is_flag=True, help="Lines of JSON on standard output instead.")
@click.option("--once", is_flag=True, help="Catch up, then end.")
@click.option(
    "--feed",
    type=click.IntRange(0),
    default=10_000,
    show_default=True,
    metavar="N",
    help="A new read model publishes the changes that the last N facts made.",
)
@click.option(
    "--feed-length",
    type=click.IntRange(1),
    default=FEED_LENGTH,
    show_default=True,
    metavar="N",
    help="About how many changes Redis keeps.",
)
@click.option("--metrics", type=click.IntRange(1, 65535), metavar="PORT", help="For Prometheus.")
@click.pass_context
def project_command(
    ctx: click.Context,
    place: Place,
    parquet: str | None,
    ndjson: bool,
    once: bool,
    feed: int,
    feed_length: int,
    metrics: int | None,
) -> None:
    """Keep a read model up with the ledger: rows, what falls due, and a feed of changes.

    Runs until it is stopped (SIGTERM, Ctrl-C); a second one on the same place stands by and takes
    over. Nothing is lost or doubled however it ends. With --once it ends with 1 where the read
    model is not whole then, and says why.
    """
    if parquet is not None:
        _archive(ctx, parquet, once=once)
        return
    from projections.readmodels.follower import KEPT, Settings
    from projections.readmodels.runner import Runner, owner, run
    from projections.readmodels.watch.progress import Watch

    name = owner()
    opening = lines if ndjson else partial(place.open, feed_length=feed_length)
    with _opened(ctx, opening) as (source, targets):
        settings, head = Settings(feed=feed, kept=KEPT // len(targets)), source.log.head()
        runners = [Runner(source, target, settings, _say, name) for target in targets]
        with Watch(source, runners, _say) as watch:
            if metrics is not None:
                from projections.readmodels.watch.metrics import serve

                watch.gauges = serve(metrics)
            run(runners, _stopped(), once=once, watch=watch.look)
        if once:
            lost = [sentence for runner in runners for sentence in runner.lost_ground]
            if not _whole(source, targets, head) or lost:
                ctx.exit(NOT_WHOLE)


def _archive(ctx: click.Context, folder: str, *, once: bool) -> None:
    """The archive: no rows, and no rulebook."""
    named = {"redis", "sql", "prefix", "ndjson", "feed", "feed_length", "metrics"}
    other = [n for n in sorted(named) if ctx.get_parameter_source(n) is COMMANDLINE]
    if other:
        raise click.UsageError(f"--{other[0].replace('_', '-')} does not go with --parquet.")
    from projections.archive.commands import keep
    from projections.readmodels.watch.progress import Bar

    with Bar("project", 0, _say) as bar:
        keep(ctx.obj["db"], folder, _stopped(), once=once, report=_say, seen=bar.show)


@click.command("status")
@place
@parquet
@as_json
@click.pass_context
def status_command(ctx: click.Context, place: Place, parquet: str | None, as_json: bool) -> None:
    """How far a read model is: generations, lag, creators that can't be judged.

    Ends with 1 where none is live or the live one is not whole, and says why.
    """
    if parquet is not None:
        from projections.archive.commands import tell

        if not tell(ctx.obj["db"], parquet, as_json=as_json):
            ctx.exit(NOT_WHOLE)
        return
    from projections.readmodels.watch.status import status_lines, status_view
    from projections.standing.writing import json_line

    whole = True
    with _opened(ctx, place.open) as (source, targets):
        for target in targets:
            view = status_view(source, target)
            whole = whole and not view["shortfalls"]
            if as_json:
                click.echo(json_line(view))
            else:
                for line in status_lines(view):
                    click.echo(line)
    if not whole:
        ctx.exit(NOT_WHOLE)


@click.command("rebuild")
@place
@click.option("--drop-old", is_flag=True, help="Forget the generations that are not live.")
@click.pass_context
def rebuild_command(ctx: click.Context, place: Place, drop_old: bool) -> None:
    """Build every row anew beside the live ones, then show readers the new ones.

    The old ones are kept until --drop-old. A runner may go on meanwhile; it follows the new ones
    once they are live. Ends with 1 where the new ones are not whole, and says why.
    """
    from projections.readmodels.follower import Settings
    from projections.readmodels.runner import owner, rebuild
    from projections.readmodels.watch.progress import Bar

    with _opened(ctx, place.open) as (source, targets):
        stop, head = _stopped(), source.log.head()
        for target in targets:
            if drop_old:
                for old in [g for g in target.generations() if not g.live]:
                    target.drop(old.number)
                    _say(f"{target.name}: generation {old.number} is forgotten")
                continue
            with Bar("rebuild", source.log.head(), _say) as bar:
                number = rebuild(source, target, Settings(), owner(), stop, bar.follow)
            if number:
                _say(f"{target.name}: generation {number} is live")
        if not (drop_old or stop.is_set() or _whole(source, targets, head)):
            ctx.exit(NOT_WHOLE)


@click.command("check")
@place
@click.option(
    "--drift",
    is_flag=True,
    required=True,
    expose_value=False,
    help="Compare with a replay of the ledger.",
)
@click.option(
    "--sample",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    metavar="RATE",
    help="Only a random share of the creators, such as 0.01.",
)
@click.option("--seed", type=int, help="Of the sample. [the time]")
@click.option("--repair", is_flag=True, help="Write anew exactly what differs.")
@click.option(
    "--metrics-file", type=click.Path(dir_okay=False), help="Write Prometheus text there."
)
@as_json
@click.pass_context
def check_command(
    ctx: click.Context,
    place: Place,
    sample: float,
    seed: int | None,
    repair: bool,
    metrics_file: str | None,
    as_json: bool,
) -> None:
    """Does a read model hold what a replay of the ledger says?

    Names each creator that differs. Ends with 1 if any does and is not repaired, or if the read
    model is not whole: behind the ledger, or with creators that can't be judged.
    """
    from projections.readmodels.runner import owner, same_log
    from projections.readmodels.shortfalls import shortfalls
    from projections.readmodels.watch import drift as module
    from projections.readmodels.watch.progress import Bar
    from projections.readmodels.watch.status import drift_lines, drift_view
    from projections.standing.writing import json_line

    wrong = False
    with _opened(ctx, place.open) as (source, targets):
        for target in targets:
            live = _live(target)
            same_log(source, target, live)
            chosen = time.time_ns() if seed is None else seed
            with Bar("check", source.log.head(), _say) as bar:
                look = partial(
                    module.check, source, target, live, sample=sample, seed=chosen, watch=bar.show
                )
                found = after = look()
                if repair and found.differs:
                    module.repair(source, target, live, found, owner())
                    after = look()
            head = source.log.head()
            lacking = shortfalls(source, target, head)
            wrong = wrong or bool(after.left or lacking)
            if as_json:
                click.echo(json_line(drift_view(target.name, found, head, lacking)))
            else:
                for line in drift_lines(target.name, found, lacking):
                    click.echo(line)
            if repair and after.left:
                _say(f"{target.name}: {after.left:,} differences are left; `rebuild` mends them")
            if metrics_file is not None:
                from projections.readmodels.watch.metrics import write_drift

                write_drift(metrics_file, target.name, after if after.left else found)
    if wrong:
        ctx.exit(NOT_WHOLE)


def _live(target: "Target") -> "Generation":
    from projections.readmodels.shortfalls import live_of
    from projections.readmodels.target import TargetError

    if (live := live_of(target)) is None:
        raise TargetError(f"{target.name} has no live read model: `project` makes one")
    return live


def _whole(source: "Source", targets: "Sequence[Target]", head: int) -> bool:
    """Whether all are whole; what is not is said."""
    from projections.readmodels.shortfalls import shortfalls

    lacking = [(t.name, sentence) for t in targets for sentence in shortfalls(source, t, head)]
    for name, sentence in lacking:
        _say(f"{name} is not whole: {sentence}")
    return not lacking


@contextmanager
def _opened(
    ctx: click.Context, opening: "Callable[[], list[Target]]"
) -> "Iterator[tuple[Source, Sequence[Target]]]":
    """The ledger and the targets, closed at the end."""
    from projections.readmodels.source import Source
    from projections.standing.question import Question

    with ExitStack() as stack:
        question = stack.enter_context(Question(ctx.obj["db"], ctx.obj["rulebooks"]))
        targets = opening()
        for target in targets:
            stack.callback(target.close)
        for warning in dict.fromkeys(w for target in targets for w in target.warnings()):
            _say(f"warning: {warning}")
        yield Source(question), targets


def _stopped() -> threading.Event:
    """Set by SIGTERM or Ctrl-C: the step at hand is finished, then all ends. A second one kills."""
    stop = threading.Event()

    def ask(number: int, _: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return stop


def _say(line: str) -> None:
    click.echo(line, err=True)
