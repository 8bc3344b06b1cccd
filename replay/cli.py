"""`penalty-ledger`: the root group, and the room of each command."""

import gc
import signal
import threading

gc.set_threshold(100_000)  # most of what a command makes, modules first, it needs to the end

_starting = (
    threading.current_thread() is threading.main_thread()
    and signal.getsignal(signal.SIGINT) is signal.default_int_handler
)
if _starting:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while nobody can catch what Python would raise

import click  # noqa: E402

from replay.group import LazyGroup, Table  # noqa: E402

RULEBOOK: Table = {
    "list": ("ledger.rulebook.commands", "Every rulebook and version."),
    "show": ("ledger.rulebook.commands", "Every figure with its clause and source."),
    "explain": ("ledger.rulebook.commands", "The rules as prose, in English or Chinese."),
    "check": ("ledger.rulebook.commands", "Is each file sound and unchanged?"),
    "test": ("replay.casebook.commands", "Run the cases beside rulebooks."),
    "new": ("ledger.rulebook.new", "Write a commented file to start from."),
    "diff": ("ledger.rulebook.commands", "What changed from one to another."),
    "history": ("replay.drafts.commands", "What changed when, in force when, since when pinned."),
    "shadow": ("replay.drafts.commands", "Run a draft beside the version in force."),
    "adopt": ("replay.drafts.commands", "Record that a draft is adopted."),
    "schema": ("ledger.rulebook.commands", "The JSON Schema of a file, for editors."),
}
TOKEN: Table = {
    "new": ("replay.web.commands", "Make one, shown this once."),
    "list": ("replay.web.commands", "Whose they are, and until when."),
    "revoke": ("replay.web.commands", "End one at once."),
}
READ_MODELS = "projections.readmodels.watch.commands"
COMMANDS: Table = {
    "import": ("ledger.exchange.commands", "Bring facts in from JSONL or CSV files."),
    "record": ("ledger.exchange.commands", "Record one fact."),
    "export": ("replay.bundle.commands", "Write facts out as CloudEvents JSONL, or a bundle."),
    "export-as": ("replay.interchange.commands", "Write them for other programs: DSA, OCEL, XES."),
    "verify": ("replay.seals.commands", "Is the log what was recorded, and sealed?"),
    "seal": ("replay.seals.commands", "Sign what is recorded up to now."),
    "prove": ("replay.seals.commands", "Proofs of a creator's facts, to be checked offline."),
    "rulebook": (RULEBOOK, "List, show, check, test and compare rulebooks."),
    "standing": ("projections.views.commands", "Where a creator stands, or all of them."),
    "project": (READ_MODELS, "Keep rows and a feed of changes up with the ledger."),
    "status": (READ_MODELS, "How far a read model is."),
    "rebuild": (READ_MODELS, "Build every row anew, beside the live ones."),
    "check": (READ_MODELS, "Does a read model hold what a replay says?"),
    "audit": ("replay.audit.commands", "Why: one ruling per fact, with its clause."),
    "reconcile": ("replay.reconcile.commands", "Do the records agree with the rules?"),
    "population": ("replay.population.report.commands", "What if, for everybody."),
    "serve": ("replay.web.commands", "Pages for people, an API for programs."),
    "token": (TOKEN, "Who may ask what is served."),
    "what-if": ("replay.whatif.commands", "Replay with other facts or other rules, side by side."),
}


@click.command(
    cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
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
    type=click.Path(),  # so that the environment separates several as PATH does, not at blanks
    help="A directory of your own rulebooks, <name>/<version>.toml; may be given again.",
)
@click.version_option(package_name="penalty-ledger")
@click.pass_context
def main(ctx: click.Context, db: str, rulebooks: tuple[str, ...]) -> None:
    """An event-sourced ledger of violations, appeals, exams and recoveries.

    A score and its sanctions are a replay of recorded facts under versioned rulebooks.
    """
    ctx.obj = {"db": db, "rulebooks": rulebooks}


if _starting:
    signal.signal(signal.SIGINT, signal.default_int_handler)
