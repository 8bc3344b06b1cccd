"""click: `what-if`, other facts or other rules for one creator, beside what was."""

from pathlib import Path
from typing import Any, Literal

import click

from projections.standing.moments import Moment, read_moment
from projections.standing.options import as_json, language, times

ADDED_BYTES = 16 * 1024 * 1024


def pairs(_ctx: click.Context, param: click.Parameter, values: Any) -> tuple[tuple[str, str], ...]:
    """`A=B` as (A, B): the key ends at the first `=` of a setting, at the last of a move."""
    found = []
    for text in values:
        cut = str.partition if param.name == "settings" else str.rpartition
        left, equals, right = cut(text, "=")
        if not (left and equals and right):
            raise click.BadParameter(f"found {text!r}; {param.metavar} is needed", param=param)
        found.append((left, right))
    return tuple(found)


def moves(
    ctx: click.Context, param: click.Parameter, values: Any
) -> tuple[tuple[str, Moment], ...]:
    """`EVENT=TIME` with the time read."""
    try:
        return tuple((e, read_moment(text)) for e, text in pairs(ctx, param, values))
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from error


def additions(_ctx: click.Context, param: click.Parameter, values: Any) -> tuple[str, ...]:
    """JSON as given, or the lines of the file after `@`."""
    lines: list[str] = []
    for text in values:
        if not text.startswith("@"):
            lines.append(text)
            continue
        try:
            with Path(text[1:]).open(encoding="utf-8") as file:
                content = file.read(ADDED_BYTES + 1)
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise click.BadParameter(f"{text[1:]} can't be read: {why}", param=param) from error
        if len(content) > ADDED_BYTES:
            raise click.BadParameter(f"{text[1:]}: larger than 16 MiB", param=param)
        lines += [line for line in content.split("\n") if line.strip()]
    return tuple(lines)


@click.command("what-if")
@click.argument("creator")
@click.option("--drop", multiple=True, metavar="EVENT", help="Leave a fact out.")
@click.option(
    "--add",
    multiple=True,
    metavar="JSON|@FILE",
    callback=additions,
    help="Put a fact in: a CloudEvent, or a file of them; type, time and data are enough.",
)
@click.option(
    "--move",
    multiple=True,
    metavar="EVENT=TIME",
    callback=moves,
    help="Let a fact take place at another time; a date alone keeps the time of day.",
)
@click.option(
    "--rulebook",
    metavar="NAME[@VERSION]",
    default="",
    help="Judge everything under this rulebook; with a version, under that one from always.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    callback=pairs,
    help="Another figure, as nodes.8.below=7 or 2024-07:exam.answers=3.",
)
@click.option(
    "--recoveries",
    type=click.Choice(["recorded", "due"]),
    default="recorded",
    show_default=True,
    help="Recoveries as recorded, or as the rules make them due.",
)
@times
@language
@as_json
@click.pass_context
def what_if_command(  # noqa: PLR0913, PLR0917  click hands over each option by itself
    ctx: click.Context,
    creator: str,
    drop: tuple[str, ...],
    add: tuple[str, ...],
    move: tuple[tuple[str, Moment], ...],
    rulebook: str,
    settings: tuple[tuple[str, str], ...],
    recoveries: Literal["recorded", "due"],
    as_of: Moment | None,
    known_at: Moment | None,
    language: str,
    as_json: bool,
) -> None:
    """Replay the record of CREATOR with other facts or other rules, beside the record as it is.

    Nothing is written. What people did is held fixed: only what you name differs. Every option may
    be given again but --rulebook and --recoveries.
    """
    from projections.standing.question import Question
    from replay.whatif.counterfactual import compare, comparison_view
    from replay.whatif.scenario import Scenario

    scenario = Scenario(drop, add, move, rulebook, dict(settings), recoveries)
    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        comparison = compare(question, creator, scenario)
    if as_json:
        from projections.standing.writing import json_line

        click.echo(json_line(comparison_view(comparison)))
        return
    from replay.console import console
    from replay.whatif.side_by_side import print_comparison

    with console() as out:
        print_comparison(comparison, out, language)
