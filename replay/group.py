"""A group of commands that are imported when they are called, and how a command that fails ends."""

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from io import TextIOWrapper
from itertools import pairwise
from typing import Any, NoReturn, TypeAlias

import click

from ledger.errors import LedgerError, StoreError
from ledger.text import safe

LANGUAGE = "replay.language"
"""Where it is kept in which language errors are said."""
LABELS = {"en": "error: ", "zh": "错误："}
NOT_PRINTED, WRONG_COMMAND, INTERRUPTED = 1, 2, 130

Table: TypeAlias = Mapping[str, "tuple[str | Table, str]"]
"""{name: (module that has it, one line of help)}; a group has its own table for a module."""


class LazyGroup(click.Group):
    """A group that knows its commands' names and help, and imports one only to run it.

    So the commands of a group may live in several rooms, none of which imports another for it.
    """

    def __init__(self, name: str | None = None, *, table: Table, **usual: Any) -> None:
        super().__init__(name, **usual)
        self.table = table

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does; before anything can go wrong it is known in which language to say so."""
        for option, value in pairwise([*args, ""]):
            if value in LABELS and option == "--lang":
                ctx.meta[LANGUAGE] = value
            elif option.removeprefix("--lang=") in LABELS and option.startswith("--lang="):
                ctx.meta[LANGUAGE] = option.removeprefix("--lang=")
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        place, line = self.table[cmd_name]
        if not isinstance(place, str):
            return LazyGroup(cmd_name, help=line, table=place)
        attribute = cmd_name.replace("-", "_") + "_command"
        command: click.Command = getattr(import_module(place), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])

    def main(self, *args: Any, **usual: Any) -> Any:
        _reopen()
        try:
            return super().main(*args, **usual)
        except OSError as error:  # also where click prints a help; not where its reader had enough
            where = "the output" if error.filename is None else repr(str(error.filename))
            _say(f"{where} can't be used: {error.strerror or error}")
            sys.exit(NOT_PRINTED)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except LedgerError as error:
            _stop(ctx, error.exit_code, str(error))
        except click.UsageError as error:
            if error.ctx is None or _language(ctx) == "en":
                raise
            said = _said(error.format_message(), _language(ctx))
            raise click.UsageError(said, error.ctx) from None
        except KeyboardInterrupt:
            _stop(ctx, INTERRUPTED, "interrupted")
        except MemoryError:
            _stop(
                ctx, StoreError.exit_code,
                "there is too little memory here: what was written before is whole; try it where "
                "there is more, or with fewer --threads",
            )  # fmt: skip
        except UnicodeEncodeError as error:
            _stop(ctx, WRONG_COMMAND, f"{error.object!a} is no text in UTF-8")


def _reopen() -> None:
    """An input that is closed is empty, such an output fails; no file of ours gets its number.

    A terminal that has no such character gets its number, not a crash.
    """
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY), encoding="utf-8")
    if sys.stdout is None:
        closed = os.fdopen(os.open(os.devnull, os.O_RDONLY), "wb", buffering=0)
        sys.stdout = TextIOWrapper(closed, encoding="utf-8", write_through=True)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _stop(ctx: click.Context, code: int, sentence: str) -> NoReturn:
    _say(sentence, _language(ctx))
    ctx.exit(code)


def _language(ctx: click.Context) -> str:
    """What was asked for with `--lang`, of the command that was reached."""
    return str(ctx.meta.get(LANGUAGE, "en"))


def _say(sentence: str, language: str = "en") -> None:
    text = LABELS[language] + _said(sentence, language)
    click.echo("\n".join(map(safe, text.split("\n"))), err=True)


def _said(sentence: str, language: str) -> str:
    from replay.errors import in_language  # of what goes well nothing is looked up

    return in_language(sentence, language)
