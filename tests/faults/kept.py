"""Who reads what the ledger keeps: records, accounts of imports, its file, seals and proofs."""

import json
import os
import shutil
import sqlite3
from base64 import b64encode
from contextlib import redirect_stderr, redirect_stdout
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, cast

import msgspec
from msgspec.structs import replace
from samples import APPEAL_FIRST, EXAM_FIRST, envelopes, store, when

from ledger.errors import LedgerError
from ledger.exchange.dry_run import DryRun
from ledger.exchange.intake import How, Stream, import_source
from ledger.exchange.tally import Tally
from ledger.facts import codec
from ledger.facts.cloudevents import encode
from ledger.log.port import Log, open_log, open_reader
from ledger.log.verify import Walk, verify
from ledger.rulebook.shelf import Shelf
from ledger.seal import offline
from ledger.seal.note import checkpoint, new_signer, read_signer, written
from ledger.seal.seals import newest, prove, seal, since
from projections.standing.replay import Library, replay
from projections.standing.writing import json_line
from projections.views.objects import audit_view, standing_object

from .tries import ROOT, Reader

AS_OF = when("2024-08-10 09:00")


def files(*patterns: str) -> list[bytes]:
    """Small enough that a thousand are read in a second or some."""
    found = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    assert found, patterns
    return [path.read_bytes()[:60_000] for path in found]


def records(folder: Path, url: str) -> list[Reader]:
    golden = [json.loads(text) for text in files("tests/golden/codec/v1/*.json")]
    states = [bytes.fromhex(one["bytes"]) for one in golden]
    library = Library(Shelf())

    def record(data: bytes) -> None:
        encode(codec.decode(data, 7))
        for envelope in codec.decode_many([data, data], lambda: [7, 8]):
            encode(envelope)

    def replayed(data: bytes) -> None:
        """Behind the facts of a creator, as `audit` and `standing` tell it."""
        state = codec.decode(data, 7)
        facts = [*envelopes(APPEAL_FIRST), replace(state, subject="mei", position=7, version=7)]
        result = replay("mei", facts, library, as_of=AS_OF, rulings=True)
        json_line(audit_view(result))
        json_line(standing_object(result))

    def account(data: bytes) -> None:
        kept = data.decode("utf-8", "surrogateescape")
        log = cast(Log, _Kept(kept))
        import_source(_Known(BytesIO(b"{}\n"), "-", How()), log, How())

    return [
        Reader("stored record", states, record),
        Reader("replayed record", states, replayed),
        Reader("stored account", [msgspec.json.encode(Tally(lines=1, read=1, id="a"))], account),
    ]


class _Kept(DryRun):
    """A log that keeps one account of an import, of a file and of one that was undone."""

    def __init__(self, kept: str) -> None:
        super().__init__(None)
        self.kept = kept

    def imports(self, key: str | None = None) -> dict[str, str]:
        return {"a": self.kept}


class _Known(Stream):
    """A stream that has a name, so that its import is gone on with."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.key = "known"


def seals_of(folder: Path, url: str) -> list[Reader]:
    signer = new_signer("example.com/ledger")
    public, key = signer.public(), written(signer.public())
    seals = folder / "seals"
    with open_reader(url) as log:
        stream = log.stream("mei")
        first = signer.sign(checkpoint(signer.name, 1, _leaf(codec.encode(stream[0])))).encode()
        sealed = seal(seals, cast(Walk, log), signer, lambda _: "")
    facts = [(fact.position, codec.encode(fact)) for fact in stream]
    proofs = [text.encode() for _, text in prove(sealed, facts)]
    consistent = since(sealed, first.decode(), public).encode()
    (folder / "since").write_bytes(consistent)
    (folder / "key").write_text(key)
    changed = Path(shutil.copytree(seals, folder / "changed"))
    given = folder / "given"

    def alone(*arguments: str) -> None:
        offline.read_note.cache_clear()
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as said:
            if offline.main(arguments):
                raise offline.WrongError(said.getvalue())

    def proof(data: bytes) -> None:
        given.write_bytes(data)
        alone("--key", key, str(given))

    def sealed_proof(data: bytes) -> None:
        note = signer.sign(checkpoint(signer.name, 1, _leaf(data)))
        extra = b64encode(data).decode()
        proof(f"{offline.HEADER}\nextra {extra}\nindex 0\n\n{note}".encode())

    def note(data: bytes) -> None:
        """Signed, whatever it says."""
        text = signer.sign(data.decode("utf-8", "replace"))
        offline.read_note.cache_clear()
        offline.read_checkpoint(text, public)

    def older(data: bytes) -> None:
        offline.read_note.cache_clear()
        since(sealed, data.decode("utf-8", "replace"), public)

    def keys(data: bytes) -> None:
        text = os.fsdecode(data.replace(b"\0", b""))
        if text.startswith("-"):  # an option of its own
            return
        try:
            read_signer(data.decode(errors="replace"))
        except LedgerError:
            alone(f"--key={text}", str(folder / "since"))

    def directory(data: bytes) -> None:
        (changed / "checkpoint").write_bytes(data)
        offline.read_note.cache_clear()
        newest(changed, public)

    states = [state for _, state in facts]
    said = [sealed.note.encode(), first]
    return [
        Reader("proof", [*proofs, consistent], proof),
        Reader("proof of a hostile sealer", states, sealed_proof),
        Reader("signed note", [b"example.com/ledger\n5\n" + b64encode(bytes(32)) + b"\n"], note),
        Reader("older checkpoint", said, older),
        Reader("key", [key.encode(), signer.secret().encode()], keys),
        Reader("directory of seals", said, directory),
    ]


def _leaf(state: bytes) -> bytes:
    return offline.leaf_hash(sha256(state).digest())


def stores(folder: Path, url: str) -> list[Reader]:
    """A ledger's file: any byte of it, and the values in its rows."""
    whole, damaged = folder / "whole.db", folder / "damaged.db"
    with open_reader(store(_made(folder / "other"), envelopes(EXAM_FIRST))):
        pass
    with sqlite3.connect(folder / "other" / "ledger.db") as made:
        made.execute("VACUUM INTO ?", (str(whole),))
    made.close()

    def file(data: bytes) -> None:
        for name in ("damaged.db-wal", "damaged.db-shm"):
            (folder / name).unlink(missing_ok=True)
        damaged.write_bytes(data)
        refused: LedgerError | None = None
        for ask in (_walked, _asked, _recorded):
            try:
                ask(f"sqlite:///{damaged}")
            except LedgerError as error:
                refused = error
        if refused is not None:
            raise refused

    return [Reader("ledger's file", [whole.read_bytes()], file)]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _walked(url: str) -> None:
    with open_reader(url) as log:
        for _finding in verify(cast(Walk, log)):
            pass


def _asked(url: str) -> None:
    with open_reader(url) as log:
        for envelope in [*log.after(0), *log.stream("mei")]:
            encode(envelope)
        log.pins()
        log.imports()
        log.subjects()


def _recorded(url: str) -> None:
    with open_log(url) as log:
        log.check_keys()
        log.append(envelopes(APPEAL_FIRST, "other"))
