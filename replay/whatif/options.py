"""click: the options that say what is to be different; together they build one scenario."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from projections.standing.moments import Moment, read_moment

ADDED_BYTES = 16 * 1024 * 1024
F = TypeVar("F", bound=Callable[..., Any])


def pairs(_ctx: click.Context, param: click.Parameter, values: Any) -> tuple[tuple[str, str], ...]:
    """`A=B` as (A, B): the key ends at the first `=` of a setting, at the last of a move."""
    found = []
    for text in values:
        cut = str.rpartition if param.name == "move" else str.partition
        left, equals, right = cut(text, "=")
        if not (left and equals and right):
            raise click.BadParameter(f"found {text!r}; {param.metavar} is needed", param=param)
        found.append((left, right))
    return tuple(found)


def facts(ctx: click.Context, param: click.Parameter, values: Any) -> tuple[Any, ...]:
    """Each as a query: an id, or conditions in braces."""
    return tuple(_typed(ctx, param, text) for text in values)


def moves(ctx: click.Context, param: click.Parameter, values: Any) -> tuple[tuple[Any, Any], ...]:
    """`EVENT=TIME` or `EVENT=-7d`, both sides read."""
    return tuple(
        (_typed(ctx, param, which), _time(ctx, param, text))
        for which, text in pairs(ctx, param, values)
    )


def amendments(
    ctx: click.Context, param: click.Parameter, values: Any
) -> tuple[tuple[Any, dict[str, Any]], ...]:
    """`EVENT={ field = value }`; a value `none` takes the field away."""
    from replay.whatif.document import typed_table

    made = []
    for text in values:
        which, equals, table = text.rpartition("={")
        if not (which and equals):
            raise click.BadParameter(f"found {text!r}; {param.metavar} is needed", ctx, param)
        try:
            data = typed_table("{" + table)
        except ValueError as error:
            raise click.BadParameter(str(error), ctx, param) from None
        fields = {name: None if value == "none" else value for name, value in data.items()}
        made.append((_typed(ctx, param, which), fields))
    return tuple(made)


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


def said(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """What is given is not empty, as a variable of a shell may be; what is not given may."""
    if "" in (value if isinstance(value, tuple) else (value,)):
        raise click.BadParameter(f"found nothing; {param.metavar} is needed", ctx, param)
    return value or ""


def never(_ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    """Nothing that is asked is ever recorded."""
    if value:
        raise click.UsageError(
            "what-if never writes: what happened in fact is recorded with "
            "`penalty-ledger record`, and a scenario is kept with --save FILE"
        )


def scenario(  # noqa: PLR0913  each is an option by itself
    *,
    files: Iterable[str],
    drop: Iterable[Any],
    add: Iterable[str],
    move: Iterable[tuple[Any, Any]],
    amend: Iterable[tuple[Any, dict[str, Any]]],
    remap: Iterable[tuple[str, str]],
    rulebook: str,
    settings: Iterable[tuple[str, str]],
    recoveries: Literal["recorded", "due"],
) -> Any:
    """Scenario files in their order, then what the options say. Raises InputError."""
    from ledger.errors import InputError
    from replay.whatif.document import MAX_BYTES, read
    from replay.whatif.scenario import Scenario

    made = Scenario()
    for name in files:
        try:
            with Path(name).open("rb") as file:
                made += read(file.read(MAX_BYTES + 1), name)
        except OSError as error:
            raise InputError(f"{name}: can't be read: {error.strerror}") from None
    return made + Scenario.of(
        move=move,
        drop=drop,
        amend=amend,
        add=add,
        remap=dict(remap),
        rulebook=rulebook,
        set=dict(settings),
        recoveries=recoveries,
    )


def save(made: Any, name: str) -> None:
    """Write a scenario as a file that `--scenario` takes; one that is there is not overwritten."""
    from ledger.errors import InputError
    from replay.whatif.document import written

    try:
        with Path(name).open("x", encoding="utf-8") as file:
            file.write(written(made))
    except OSError as error:
        raise InputError(f"{name}: can't be written: {error.strerror}") from None


def interventions(command: F) -> F:
    """The options that say what is to be different."""
    options = [
        click.option(
            "--scenario", "files", multiple=True, metavar="FILE", callback=said,
            help="Steps from a file (docs/what-if.md); options come after them.",
        ),
        click.option(
            "--drop", multiple=True, metavar="EVENT", callback=facts,
            help="Leave a fact out, or all of { category = \"misleading\" }.",
        ),
        click.option(
            "--add", multiple=True, metavar="JSON|@FILE", callback=additions,
            help="Put a fact in: a CloudEvent, or a file of them; type, time and data are enough.",
        ),
        click.option(
            "--move", multiple=True, metavar="EVENT=TIME", callback=moves,
            help="Let a fact take place at another time, or -7d; a date keeps the time of day.",
        ),
        click.option(
            "--amend", multiple=True, metavar="EVENT={FIELD=VALUE}", callback=amendments,
            help="Let a fact say something else: e3={ category = \"spam\" }.",
        ),
        click.option(
            "--remap", multiple=True, metavar="CATEGORY=CATEGORY", callback=pairs,
            help="Judge what was found as one category as another.",
        ),
        click.option(
            "--rulebook", metavar="NAME[@VERSION]", callback=said,
            help="Judge everything under this rulebook; with a version, by that one from always.",
        ),
        click.option(
            "--set", "settings", multiple=True, metavar="KEY=VALUE", callback=pairs,
            help="Another figure, as nodes.8.below=7 or 2024-07:exam.answers=3.",
        ),
        click.option(
            "--recoveries", type=click.Choice(["recorded", "due"]), default="recorded",
            show_default=True, help="Recoveries as recorded, or as the rules make them due.",
        ),
        click.option(
            "--save", "kept", metavar="FILE",
            help="Write all of this as a scenario file, which must not be there yet.",
        ),
        click.option(
            "--record", is_flag=True, hidden=True, expose_value=False, callback=never,
            help="Refused: what-if never writes.",
        ),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _typed(ctx: click.Context, param: click.Parameter, text: str) -> Any:
    from replay.whatif.document import typed

    try:
        return typed(text)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from None


def _time(ctx: click.Context, param: click.Parameter, text: str) -> Moment | Any:
    from replay.whatif.query import read_shift

    try:
        return read_shift(text) or read_moment(text)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from None
