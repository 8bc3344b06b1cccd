"""click: `seal`, `prove` and `verify`.

What a command needs is imported when it runs, so that `--help` stays quick.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ledger.errors import InputError, LedgerError, StoreError

if TYPE_CHECKING:
    from ledger.log.verify import Finding, Verified, Walk
    from ledger.seal.note import Signer
    from ledger.seal.seals import Sealed

SHOWN = 50
SEALS = click.option(
    "--seals",
    metavar="DIR",
    envvar="PENALTY_LEDGER_SEALS",
    type=click.Path(path_type=Path),
    help="The directory of seals. [the ledger's file with .seals behind it]",
)


@click.command("seal")
@SEALS
@click.option("--key", "key_file", metavar="FILE", type=click.Path(path_type=Path), help="The key.")
@click.option("--new-key", metavar="NAME", help="Make a key of that name in --key FILE, and end.")
@click.option(
    "--no-standings", is_flag=True, help="Sign the facts only, and not where everybody stands."
)
@click.pass_context
def seal_command(
    ctx: click.Context,
    seals: Path | None,
    key_file: Path | None,
    new_key: str | None,
    no_standings: bool,
) -> None:
    """Sign what is recorded up to now: the root of a tree over all facts, and all standings.

    Give the checkpoint to somebody out of your reach: then no later hand can change what it holds
    without being seen.
    """
    from ledger.log.port import open_reader
    from ledger.seal.note import written
    from ledger.seal.seals import seal

    if key_file is None:
        raise click.UsageError("--key FILE names the key to seal with; --new-key NAME makes one")
    if new_key is not None:
        click.echo(f"others check by: {written(_make_key(new_key, key_file).public())}")
        return
    signer, folder = _read_key(key_file), _folder(ctx, seals)

    def state(position: int) -> str:
        from replay.seals.standings import standings

        if no_standings or not position:
            return ""
        with _bar("standings", None) as seen:
            return standings(ctx.obj["db"], ctx.obj["rulebooks"], position, seen).lines()

    with open_reader(ctx.obj["db"]) as log, _bar("facts", log.head()) as seen:
        sealed = seal(folder, cast("Walk", log), signer, state, seen)
    click.echo(f"{_count(sealed.checkpoint.size, 'fact')} sealed in {folder}")
    click.echo(sealed.note, nl=False)


@click.command("prove")
@click.argument("creator")
@SEALS
@click.option("--key", required=True, metavar="NAME+HASH+KEY", help="The key that others check by.")
@click.option(
    "-o",
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where the proofs go. [the creator's name]",
)
@click.option(
    "--older",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A checkpoint from before: prove as well that its ledger is the beginning of this one.",
)
@click.pass_context
def prove_command(
    ctx: click.Context,
    creator: str,
    seals: Path | None,
    key: str,
    out: Path | None,
    older: Path | None,
) -> None:
    """Write a proof for each sealed fact of a creator, to be checked without this program.

    `python offline.py --key … DIR/*.tlog-proof` checks them: a copy of it is written beside them.
    """
    from ledger.facts.codec import encode
    from ledger.log.port import open_reader
    from ledger.seal import offline
    from ledger.seal.seals import prove, since

    sealed = _newest(ctx, seals, key)
    with open_reader(ctx.obj["db"]) as log:
        facts = log.stream(creator)
    if not facts:
        raise LedgerError(f"no fact is recorded of a creator {creator!r}")
    under = [(e.position, encode(e)) for e in facts if e.position <= sealed.checkpoint.size]
    folder = Path(creator) if out is None else out
    if out is None and folder.name != creator:
        raise InputError(f"{creator!r} names no directory: say where with --out DIR")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for position, proof in prove(sealed, under):
        _write(folder / f"{position}.tlog-proof", proof.encode())
    if older is not None:
        proof = since(sealed, _older(older), offline.read_key(key))
        _write(folder / "since.tlog-consistency", proof.encode())
    _write(folder / "offline.py", Path(offline.__file__).read_bytes())
    click.echo(f"{_count(len(under), 'proof')} in {folder}")
    if len(under) < len(facts):
        click.echo(
            f"{_count(len(facts) - len(under), 'fact')} not sealed yet: seal, and prove again"
        )


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@SEALS
@click.option("--key", metavar="NAME+HASH+KEY", help="Check the seals of this key as well.")
@click.option("--standings", "ruled", is_flag=True, help="Does this program rule as sealed?")
@click.pass_context
def verify_command(
    ctx: click.Context, as_json: bool, seals: Path | None, key: str | None, ruled: bool
) -> None:
    """Walk the whole log: is every fact as it was recorded, in its place, and as it was sealed?

    Says what is wrong and where, and goes on to the end. Ends with 5 where anything is.
    """
    from ledger.log.port import open_reader
    from ledger.log.verify import Finding, verify

    if ruled and key is None:
        raise click.UsageError("--standings needs the --key of who sealed them")
    found: list[Finding] = []
    seen: Verified | None = None
    with open_reader(ctx.obj["db"]) as log:
        walk = cast("Walk", log)
        with _bar("verify", _end(walk)) as progress:
            for item in verify(walk, progress):
                if isinstance(item, Finding):
                    found.append(item)
                else:
                    seen = item
        sealed = None if key is None else _newest(ctx, seals, key)
        if sealed is not None:
            found += _against(sealed, walk)
    if ruled and sealed is not None:
        found += _ruled(ctx, seals, cast(str, key), sealed)
    (_print_json if as_json else _print_text)(found, seen, sealed)
    if found:
        raise StoreError(
            f"{_count(len(found), 'place')} {'is' if len(found) == 1 else 'are'} not as recorded, "
            "or not as sealed: restore the ledger from a backup, or export what is sound"
        )


def _end(walk: "Walk") -> int:
    """Where the walk ends, as far as is known before it."""
    try:
        return walk.head()
    except LedgerError:
        return 0


def _against(sealed: "Sealed", walk: "Walk") -> "Iterator[Finding]":
    """Facts that are others than were sealed."""
    from itertools import islice

    from ledger.log.verify import Finding
    from ledger.seal.seals import leaves_of
    from ledger.seal.tree import WIDTH

    at = 0
    try:
        for at, leaf in enumerate(islice(leaves_of(walk), sealed.checkpoint.size), 1):
            if sealed.leaves[(at - 1) * WIDTH : at * WIDTH] != leaf:
                yield Finding("seal", at, None, "is another one than was sealed")
    except StoreError as error:
        yield Finding("seal", at + 1, None, str(error))
        return
    if at < sealed.checkpoint.size:
        yield Finding("seal", at + 1, None, f"{sealed.checkpoint.size} facts were sealed")


def _ruled(ctx: click.Context, seals: Path | None, key: str, sealed: "Sealed") -> "list[Finding]":
    """Whether everybody stands where the seal says."""
    from ledger.log.verify import Finding
    from ledger.seal.offline import WrongError, read_key, read_note
    from replay.seals.standings import standings

    size = sealed.checkpoint.size
    path = _folder(ctx, seals) / "statements" / str(size)
    try:
        signed = read_note(path.read_text(encoding="utf-8"), read_key(key))
    except (WrongError, OSError, UnicodeDecodeError) as error:
        return [Finding("standings", size, None, f"the seal's statement can't be used: {error}")]
    with _bar("standings", None) as seen:
        now = standings(ctx.obj["db"], ctx.obj["rulebooks"], size, seen)
    said = dict(line.partition(" ")[::2] for line in signed.splitlines()[4:])
    if "standings" not in said:
        return [Finding("standings", size, None, "were not sealed (--no-standings)")]
    if said["standings"] == f"{now.creators} {now.hash}":
        return []
    programs = f"sealed by {said.get('program')}, asked of {now.program}"
    return [Finding("standings", size, None, f"are others than were sealed ({programs})")]


def _newest(ctx: click.Context, seals: Path | None, key: str) -> "Sealed":
    from ledger.seal.offline import WrongError, read_key
    from ledger.seal.seals import newest

    folder = _folder(ctx, seals)
    try:
        sealed = newest(folder, read_key(key))
    except WrongError as error:
        raise InputError(str(error)) from error
    if sealed is None:
        raise StoreError(f"nothing is sealed in {str(folder)!r}: `penalty-ledger seal` does it")
    return sealed


def _folder(ctx: click.Context, seals: Path | None) -> Path:
    if seals is not None:
        return seals
    url: str = ctx.obj["db"]
    if not url.startswith("sqlite:///"):
        raise InputError("--seals DIR names the directory of seals of this ledger")
    from ledger.log.sqlite.file import name_of, path_of

    path = path_of(name_of(url, create=False))
    return path.with_name(path.name + ".seals")


def _write(path: Path, data: bytes) -> None:
    from ledger.files import whole

    with whole(path) as file:
        file.write(data)


def _older(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = f"the older checkpoint {str(file)!r} can't be read: {error}; name one that was kept"
        raise InputError(said) from error


def _make_key(name: str, file: Path) -> "Signer":
    from ledger.files import opened
    from ledger.seal.note import new_signer

    signer = new_signer(name)
    try:
        with opened(file, "xb") as out:
            out.write(f"{signer.secret()}\n".encode())
    except FileExistsError as error:
        raise InputError(f"{str(file)!r} is there already: a key is never written over") from error
    return signer


def _read_key(file: Path) -> "Signer":
    from ledger.seal.note import read_signer

    try:
        return read_signer(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the key {str(file)!r} can't be read: {error}") from error


def _print_json(found: "list[Finding]", seen: "Verified | None", sealed: "Sealed | None") -> None:
    from projections.standing.writing import json_line

    view: dict[str, Any] = {
        "sound": not found,
        "facts": None if seen is None else seen.facts,
        "creators": None if seen is None else seen.creators,
        "position": None if seen is None else seen.end.position,
        "hash": None if seen is None else seen.end.hash.hex(),
        "sealed": None if sealed is None else sealed.checkpoint.size,
        "findings": [finding._asdict() for finding in found],
    }
    click.echo(json_line(view))


def _print_text(found: "list[Finding]", seen: "Verified | None", sealed: "Sealed | None") -> None:
    for finding in found[:SHOWN]:
        click.echo(_line(finding))
    if len(found) > SHOWN:
        click.echo(f"… and {len(found) - SHOWN:,} more (--json has all)")
    if seen is not None:
        facts, creators = _count(seen.facts, "fact"), _count(seen.creators, "creator")
        click.echo(f"{facts} of {creators}, up to position {seen.end.position:,}")
        click.echo(f"hash of the last page: {seen.end.hash.hex()}")
    if not found:
        click.echo("every fact is as it was recorded, and in its place")
    if not found and sealed is not None:
        click.echo(f"the first {_count(sealed.checkpoint.size, 'fact')} are those that were sealed")


def _line(finding: "Finding") -> str:
    where = [] if finding.position is None else [f"position {finding.position}"]
    where += [] if finding.creator is None else [f"creator {finding.creator!r}"]
    return f"{finding.what}: {', '.join(where)}{': ' if where else ''}{finding.text}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@contextmanager
def _bar(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich import progress as rp
    from rich.console import Console

    with rp.Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total)
        yield lambda done: progress.update(task, completed=done)
