"""click: `population`, other rules for everybody, beside what is in force."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from projections.standing.moments import Moment
from projections.standing.options import as_json, language, times

if TYPE_CHECKING:
    from projections.standing.question import Question
    from replay.population.study.answer import Advance, Asked, Result

F = TypeVar("F", bound=Callable[..., Any])
PATH = click.Path(path_type=Path, readable=False)


def asked_options(command: F) -> F:
    """What is to be different, and for whom."""
    options = [
        click.option(
            "--scenario", "files", multiple=True, metavar="FILE",
            help="Reforms from a file (docs/what-if.md); options come after them.",
        ),
        click.option(
            "--rulebook", metavar="NAME[@VERSION]", default="",
            help="Judge everybody under this rulebook; with a version, by that one from always.",
        ),
        click.option(
            "--set", "settings", multiple=True, metavar="KEY=VALUE",
            help="Another figure, as nodes.8.below=7 or 2024-07:exam.answers=3.",
        ),
        click.option(
            "--recoveries", type=click.Choice(["recorded", "due"]), default="recorded",
            show_default=True, help="Recoveries as recorded, or as the rules make them due.",
        ),
        click.option(
            "--sweep", "sweeps", multiple=True, metavar="KEY=FIRST:LAST:STEP",
            help="A figure at each of several values; with two of them, at each pair.",
        ),
        click.option(
            "--of", "name", metavar="NAME", default="douyin-creator", show_default=True,
            help="Creators who are enrolled under this rulebook.",
        ),
        click.option(
            "--where", multiple=True, metavar="CONDITION",
            help="Only those with level>=4, cohort=2024, violations>3, score<8, category=NAME, "
            "node=NAME or stopped=FEATURE|any|none.",
        ),
        click.option(
            "--sample", type=click.IntRange(min=1), metavar="N",
            help="Only N creators, drawn at random; counts come with intervals.",
        ),
        click.option(
            "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="S",
            help="Which ones are drawn.",
        ),
        click.option(
            "--archive", metavar="DIR|URL", default="",
            help="Read the log's archive, as `project --parquet` keeps it, in place of the log.",
        ),
        click.option(
            "--orders", is_flag=True,
            help="How often would the other order of exam and appeal have mattered?",
        ),
        click.option(
            "--wrongful", is_flag=True, help="What did penalties cost whose appeals were granted?"
        ),
        click.option(
            "--check", type=click.FloatRange(0, 1, min_open=True), default=None, metavar="RATE",
            help="Ask a share of the creators of CPython too, as 0.01; ends with 1 if one differs.",
        ),
        click.option(
            "--threads", type=click.IntRange(min=1), metavar="N", help="[one for each processor]"
        ),
        click.option(
            "--engine", type=click.Choice(["threads", "spark", "cuda"]), default="threads",
            show_default=True,
            help="Threads here, Apache Spark over the archive, or a device of NVIDIA's "
            "(docs/scale.md).",
        ),
        click.option(
            "--master", metavar="URL", default="",
            help="Spark's, as local[4] or spark://host:7077; else as Spark is configured.",
        ),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def written(command: F) -> F:
    """Where else the answer goes."""
    options = [
        click.option(
            "--list", "listed", type=PATH, metavar="FILE.csv|FILE.parquet",
            help="Write who is newly stopped or freed, and a manifest beside it.",
        ),
        click.option("--html", metavar="FILE", help="Write a page with plots and tables."),
        click.option("--svg", metavar="FILE", help="Write the plots as one picture; - is stdout."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.command("population")
@asked_options
@written
@times
@language
@as_json
@click.pass_context
def population_command(  # noqa: PLR0913  click hands over each option by itself
    ctx: click.Context,
    /,
    *,
    as_of: Moment | None,
    known_at: Moment | None,
    language: str,
    as_json: bool,
    listed: Path | None,
    html: str | None,
    svg: str | None,
    engine: str,
    master: str,
    **options: Any,
) -> None:
    """What would other rules have done to everybody? Both sides, and who moved.

    Nothing is written to the ledger. What people did is held fixed: other rules are applied to the
    same acts, which is no forecast. Without a reform the rules in force are shown alone.
    """
    from projections.standing.question import Question
    from projections.standing.writing import json_line
    from replay.population.needs import check_packages

    check_packages()
    from replay.population.report.listing import check_folder, check_place, write_list
    from replay.population.study.view import answer_view, moved_view

    if as_json and (html is not None or svg is not None):
        raise click.UsageError("--json goes without --html and --svg.")
    if master and engine != "spark":
        raise click.UsageError("--master is for --engine spark.")
    asked = read(listed=listed is not None, cuda=engine == "cuda", **options)
    if asked.cuda:
        from replay.population.card import card

        card()
    if listed is not None:
        check_place(listed)
    for paper in (html, svg):
        if paper is not None:
            check_folder(Path(paper))
    with (
        Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question,
        bar(question, asked) as shown,
    ):
        result = worked(question, asked, engine, master, shown.update)
    view = answer_view(result)
    if listed is not None:
        write_list(listed, [moved_view(result, m) for m in result.moved], view["manifest"])
    if html is not None or svg is not None:
        write_paper(result, view, language, html, svg)
    elif as_json:
        click.echo(json_line(view))
    else:
        show(result, view, language)
    if result.check is not None:
        result.check.complain()


def read(  # noqa: PLR0913  each is an option by itself
    *,
    files: tuple[str, ...],
    rulebook: str,
    settings: tuple[str, ...],
    recoveries: Literal["recorded", "due"],
    sweeps: tuple[str, ...],
    name: str,
    where: tuple[str, ...],
    sample: int | None,
    seed: int,
    threads: int | None,
    check: float | None,
    listed: bool,
    **besides: Any,
) -> "Asked":
    """The options as a question. Raises InputError."""
    from ledger.errors import InputError
    from replay.population.study.answer import Asked
    from replay.population.study.sweep import read_sweep
    from replay.population.study.where import read_condition
    from replay.whatif import options

    pairs = tuple((key, value) for key, _, value in (s.partition("=") for s in settings))
    if wrong := [s for s, pair in zip(settings, pairs, strict=True) if not all(pair)]:
        raise InputError(f"found {wrong[0]!r}; --set KEY=VALUE is needed")
    scenario = options.scenario(
        files=files, drop=(), add=(), move=(), amend=(), remap=(), rulebook=rulebook,
        settings=pairs, recoveries=recoveries,
    )  # fmt: skip
    if listed and not scenario.steps:
        raise InputError(
            "--list says who moved: give --set, --scenario, --rulebook or --recoveries"
        )
    return Asked(
        name=name,
        scenario=scenario,
        sweeps=tuple(map(read_sweep, sweeps)),
        where=tuple(map(read_condition, where)),
        sample=sample,
        seed=seed,
        threads=threads,
        listed=listed,
        check=check or 0.0,
        **besides,
    )


def bar(question: "Question", asked: "Asked") -> Any:
    """How far it is, on a terminal's error output."""
    watched = sys.stderr.isatty()
    total = asked.sample or (sum(1 for _ in question.creators()) if watched else 0)
    return click.progressbar(length=total, label="population", file=sys.stderr, hidden=not watched)


def worked(
    question: "Question", asked: "Asked", engine: str, master: str, advance: "Advance"
) -> "Result":
    """The answer, by threads or by Spark."""
    if engine == "spark":
        from replay.population.study import spark

        return spark.answer(question, asked, master, advance)
    from replay.population.study.threads import answer

    return answer(question, asked, advance)


def show(result: "Result", view: dict[str, Any], language: str) -> None:
    from replay.console import console
    from replay.population.report.text import Report
    from replay.population.report.words import Teller

    with console() as out:
        Report(out, Teller(result, language)).show(view)


def write_paper(
    result: "Result", view: dict[str, Any], language: str, html: str | None, svg: str | None
) -> None:
    from replay.pages.files import write
    from replay.population.report.page import Paper
    from replay.population.report.words import Teller

    paper = Paper(view, Teller(result, language))
    if html is not None:
        write(paper.html(), html)
    if svg is not None:
        write(paper.svg(), svg)
