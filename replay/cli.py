"""`penalty-ledger`: the root group. Commands are imported when they are called, not before."""

import errno
import sys
from collections.abc import Mapping
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn, TypeAlias

import click

from ledger.errors import LedgerError

NOT_PRINTED, WRONG_COMMAND, INTERRUPTED = 1, 2, 130

Table: TypeAlias = Mapping[str, "tuple[str | Table, str]"]
"""{name: (module that has it, one line of help)}; a group has its own table for a module."""

RULEBOOK: Table = {
    "list": ("ledger.rulebook.commands", "Every rulebook and version."),
    "show": ("ledger.rulebook.commands", "Every figure with its clause and source."),
    "explain": ("ledger.rulebook.commands", "The rules as prose, in English or Chinese."),
    "check": ("ledger.rulebook.commands", "Is each file sound and unchanged?"),
    "test": ("replay.casebook.commands", "Run the cases beside rulebooks."),
    "new": ("ledger.rulebook.new", "Write a commented file to start from."),
    "diff": ("ledger.rulebook.commands", "What changed from one to another."),
    "shadow": ("replay.drafts.commands", "Run a draft beside the version in force."),
    "adopt": ("replay.drafts.commands", "Record that a draft is adopted."),
    "schema": ("ledger.rulebook.commands", "The JSON Schema of a file, for editors."),
}
READ_MODELS = "projections.readmodels.commands"
COMMANDS: Table = {
    "import": ("ledger.exchange.commands", "Bring facts in from JSONL or CSV files."),
    "record": ("ledger.exchange.commands", "Record one fact."),
    "export": ("ledger.exchange.commands", "Write facts out as CloudEvents JSONL."),
    "rulebook": (RULEBOOK, "List, show, check, test and compare rulebooks."),
    "standing": ("projections.views.commands", "Where a creator stands, or all of them."),
    "project": (READ_MODELS, "Keep rows and a feed of changes up with the ledger."),
    "status": (READ_MODELS, "How far a read model is."),
    "rebuild": (READ_MODELS, "Build every row anew, beside the live ones."),
    "check": (READ_MODELS, "Does a read model hold what a replay says?"),
    "audit": ("replay.whatif.commands", "Why: one ruling per fact, with its clause."),
    "what-if": ("replay.whatif.commands", "Replay with other facts or other rules, side by side."),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and help, and imports one only to run it.

    So the commands of a group may live in several rooms, none of which imports another for it.
    """

    table: Table = COMMANDS

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        place, line = self.table[cmd_name]
        if not isinstance(place, str):
            group = LazyGroup(cmd_name, help=line)
            group.table = place
            return group
        attribute = cmd_name.replace("-", "_") + "_command"
        command: click.Command = getattr(import_module(place), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])

    def invoke(self, ctx: click.Context) -> object:
        _print_anything()
        try:
            return super().invoke(ctx)
        except LedgerError as error:
            _stop(ctx, error.exit_code, str(error))
        except KeyboardInterrupt:
            _stop(ctx, INTERRUPTED, "interrupted")
        except UnicodeEncodeError as error:
            _stop(ctx, WRONG_COMMAND, f"{error.object!a} is no text in UTF-8")
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # whoever read has read enough; click ends in silence
            where = "the output" if error.filename is None else repr(str(error.filename))
            _stop(ctx, NOT_PRINTED, f"{where} can't be used: {error.strerror}")


def _print_anything() -> None:
    """A terminal that has no such character gets its number, not a crash."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _stop(ctx: click.Context, code: int, sentence: str) -> NoReturn:
    click.echo(f"error: {sentence}", err=True)
    ctx.exit(code)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--db",
    metavar="URL",
    envvar="PENALTY_LEDGER_DB",
    default="sqlite:///ledger.db",
    show_default=True,
    help="The store: sqlite:///path/to/file.db or postgresql://…",
)
@click.option(
    "--rulebooks",
    metavar="DIR",
    envvar="PENALTY_LEDGER_RULEBOOKS",
    multiple=True,
    help="A directory of your own rulebooks, <name>/<version>.toml; may be given again.",
)
@click.version_option(package_name="penalty-ledger")
@click.pass_context
def main(ctx: click.Context, db: str, rulebooks: tuple[str, ...]) -> None:
    """An event-sourced ledger of violations, appeals, exams and recoveries.

    A score and its sanctions are a replay of recorded facts under versioned rulebooks.
    """
    ctx.obj = {"db": db, "rulebooks": rulebooks}
