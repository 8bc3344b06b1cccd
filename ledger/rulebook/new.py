"""`rulebook new`: a commented file to start from, and a table of cases beside it.

What is written passes `rulebook check` and `rulebook test` from the first minute: who writes rules
changes one figure at a time and sees which case no longer holds.
"""

from pathlib import Path

import click

from ledger.errors import InputError
from ledger.rulebook.checks.sense import NAME, VERSION

TEMPLATES = Path(__file__).parents[1] / "templates"


@click.command("new")
@click.argument("name")
@click.option("--version", default="1", show_default=True, help="What to call the version.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The directory of rulebooks to write into. [here]",
)
def new_command(name: str, version: str, folder: Path) -> None:
    """Write NAME/VERSION.toml, commented and with every figure assumed, and cases beside it.

    Nothing is ever overwritten.
    """
    for word, pattern, allowed, what in (
        (name, NAME, "lower-case letters, digits and -", "NAME"),
        (version, VERSION, "letters, digits, . and -", "--version"),
    ):
        if not pattern.fullmatch(word):
            raise click.BadParameter(f'found "{word}"; {allowed} are allowed', param_hint=what)
    files = start(folder, name, version)
    for file in files:
        click.echo(f"written: {file}")
    click.echo(f"next: penalty-ledger rulebook check {files[0]}")
    click.echo(f"      penalty-ledger rulebook test {files[0]}")


def start(folder: Path, name: str, version: str) -> tuple[Path, Path]:
    """Write both files. Raises InputError where one of them is there, or can't be written."""
    place = folder / name
    files = place / f"{version}.toml", place / f"{version}.cases.txt"
    for file in files:
        if file.exists():
            raise InputError(f"{file} is there already; choose another --version or --dir")
    try:
        place.mkdir(parents=True, exist_ok=True)
        for file, template in zip(files, ("rulebook.toml", "cases.txt"), strict=True):
            text = (TEMPLATES / template).read_text(encoding="utf-8")
            text = text.replace("{name}", name).replace("{version}", version)
            with file.open("x", encoding="utf-8") as stream:
                stream.write(text)
    except OSError as error:
        raise InputError(f"{error.filename}: can't be written: {error.strerror}") from error
    return files
