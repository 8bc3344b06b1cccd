"""Seals: sign, prove, check by the file that stands alone; whatever was changed is found."""

import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import cast

import pytest

from ledger.errors import InputError, StoreError
from ledger.facts import types as f
from ledger.facts.codec import encode
from ledger.facts.envelope import Envelope
from ledger.log.port import open_log, open_reader
from ledger.log.verify import Walk
from ledger.seal import offline
from ledger.seal.note import new_signer, read_signer, written
from ledger.seal.offline import WrongError, check_creator, check_proof, read_key, read_note
from ledger.seal.seals import Sealed, newest, prove, seal, since

SIGNER = read_signer(
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
)
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""  # noqa: E501  the vector of the note package of Go
VECTORS = (
    # RFC 8032, 7.1: public key, text, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
)


def test_the_vector_of_the_note_package() -> None:
    text = NOTE.rpartition("\n\n")[0] + "\n"
    assert written(SIGNER.public()) == PUBLIC
    assert SIGNER.sign(text) == NOTE
    assert read_note(NOTE, read_key(PUBLIC)) == text


@pytest.mark.parametrize(("public", "text", "signature"), VECTORS)
def test_signatures_by_plain_arithmetic(public: str, text: str, signature: str) -> None:
    key, said, signed = (bytes.fromhex(x) for x in (public, text, signature))
    check = offline.verify_ed25519
    assert check(key, said, signed)
    assert not check(key, said + b"x", signed)
    assert not check(key, said, signed[:-1] + bytes([signed[-1] ^ 1]))
    assert not check(key, said, bytes(64))
    assert not check(bytes(31), said, signed)


@pytest.mark.parametrize(
    "wrong",
    [
        NOTE.replace("cryptography", "cryptocurrency"),
        NOTE.replace("PeterNeumann x08", "EvilNeumann x08"),
        NOTE.replace("x08go/ZJ", "x08go/ZK"),
        NOTE.replace("\n\n", "\n"),
        NOTE[:-1],
        NOTE.replace("— ", "- "),
        NOTE.replace("then", "then\x1b[2J"),
    ],
)
def test_a_note_that_is_not_so_signed(wrong: str) -> None:
    with pytest.raises(WrongError):
        read_note(wrong, read_key(PUBLIC))


@pytest.mark.parametrize("wrong", ["", "x", PUBLIC[:-1], PUBLIC.replace("c74f", "c74e"), "a+b+c"])
def test_what_is_no_key(wrong: str) -> None:
    with pytest.raises(WrongError):
        read_key(wrong)
    with pytest.raises(InputError):
        read_signer(f"PRIVATE+KEY+{wrong}")


def facts(first: int, last: int) -> list[Envelope]:
    return [
        Envelope("s", f"e{i}", "ann" if i % 3 else "bob", 10**15 + i, f.ProfileChanged(i, 100 + i))
        for i in range(first, last)
    ]


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/l.db"
    with open_log(url, create=True) as log:
        log.append(facts(0, 7))
    return url


def sealed(url: str, folder: Path) -> Sealed:
    with open_reader(url) as log:
        return seal(folder, cast(Walk, log), SIGNER, lambda size: f"size {size}\n")


def proofs(url: str, held: Sealed, creator: str) -> Iterator[str]:
    with open_reader(url) as log:
        yield from (
            p for _, p in prove(held, [(e.position, encode(e)) for e in log.stream(creator)])
        )


def test_what_is_sealed_is_proved_and_no_fact_may_be_left_out(url: str, tmp_path: Path) -> None:
    held = sealed(url, tmp_path / "seals")
    key = SIGNER.public()
    shown = [check_proof(text, key) for text in proofs(url, held, "ann")]
    creator, number, checkpoint = check_creator(shown)
    assert (creator, number, checkpoint.size) == ("ann", 4, 7)
    with pytest.raises(WrongError, match=r"no\. 2 of the creator is left out"):
        check_creator([*shown[:1], *shown[2:]])
    other = [check_proof(text, key) for text in proofs(url, held, "bob")]
    with pytest.raises(WrongError, match="not of one creator"):
        check_creator([*shown, *other])


def test_no_letter_of_a_proof_may_change(url: str, tmp_path: Path) -> None:
    held = sealed(url, tmp_path / "seals")
    key, text = SIGNER.public(), next(proofs(url, held, "ann"))
    right = check_proof(text, key)
    for at in range(len(text)):
        for letter in "A7\n":
            changed = text[:at] + letter + text[at + 1 :]
            if changed != text:
                try:
                    found = check_proof(changed, key)
                except WrongError:
                    continue
                assert found == right, (at, letter)  # bits of Base 64 that mean nothing


def test_a_ledger_that_grew_has_the_older_one_as_its_beginning(url: str, tmp_path: Path) -> None:
    folder, key = tmp_path / "seals", SIGNER.public()
    old = sealed(url, folder)
    assert sealed(url, folder) == old
    with open_log(url) as log:
        log.append(facts(7, 20))
    new = sealed(url, folder)
    assert (old.checkpoint.size, new.checkpoint.size) == (7, 20)
    text = since(new, old.note, key)
    assert offline.check_consistency(text, old.note, key) == (old.checkpoint, new.checkpoint)
    forged = SIGNER.sign("PeterNeumann\n7\n" + b64encode(sha256(b"x").digest()).decode() + "\n")
    with pytest.raises(WrongError, match="not the beginning"):
        offline.check_consistency(text, forged, key)
    with pytest.raises(StoreError, match="not the beginning"):
        since(new, forged, key)
    assert sorted(p.name for p in (folder / "checkpoints").iterdir()) == ["20", "7"]
    statement = read_note((folder / "statements" / "20").read_text(), key)
    assert statement.splitlines()[-1] == "size 20"


def test_nothing_is_signed_over_a_ledger_that_was_changed(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "seals"
    old = sealed(url, folder)
    other = f"sqlite:///{tmp_path}/other.db"
    with open_log(other, create=True) as log:
        log.append(facts(1, 9))
    with pytest.raises(StoreError, match="position 1 is another one than was sealed"):
        sealed(other, folder)
    shorter = f"sqlite:///{tmp_path}/shorter.db"
    with open_log(shorter, create=True):
        pass
    with pytest.raises(StoreError, match="7 facts were sealed, and 0 are there"):
        sealed(shorter, folder)
    assert (folder / "checkpoint").read_text() == old.note


def test_what_a_sealer_that_died_had_begun_is_cut_off(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "seals"
    old = sealed(url, folder)
    with (folder / "leaves").open("ab") as file:
        file.write(b"x" * 77)
    assert newest(folder, SIGNER.public()) == old
    with open_log(url) as log:
        log.append(facts(7, 9))
    assert sealed(url, folder).checkpoint.size == 9
    assert (folder / "leaves").stat().st_size == 9 * 32


@pytest.mark.parametrize("name", ["leaves", "checkpoint"])
def test_seals_that_were_changed(url: str, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "seals"
    sealed(url, folder)
    bytes_ = (folder / name).read_bytes()
    (folder / name).write_bytes(bytes_[:20] + bytes([bytes_[20] ^ 1]) + bytes_[21:])
    with pytest.raises(StoreError):
        newest(folder, SIGNER.public())
    with pytest.raises(StoreError):
        newest(folder, new_signer("another").public())


def test_the_file_that_stands_alone(url: str, tmp_path: Path) -> None:
    """Copied elsewhere, run without our package and without any other."""
    old = sealed(url, tmp_path / "seals")
    with open_log(url) as log:
        log.append(facts(7, 9))
    held = sealed(url, tmp_path / "seals")
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "check.py").write_bytes(Path(offline.__file__).read_bytes())
    for n, text in enumerate(proofs(url, held, "ann")):
        (alone / f"{n}.tlog-proof").write_text(text)
    (alone / "old").write_text(old.note)
    (alone / "since").write_text(since(held, old.note, SIGNER.public()))
    command = [sys.executable, "-I", "-S", "check.py", "--key", PUBLIC]
    command += ["--older", "old", "--since", "since"]

    def run(*names: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *names], cwd=alone, capture_output=True, text=True, check=False
        )

    names = sorted(p.name for p in alone.glob("*.tlog-proof"))
    whole = run(*names)
    assert whole.returncode == 0, whole.stderr
    assert "the ledger of 7 facts is the beginning of that of 9" in whole.stdout
    assert "proved: facts 1 to 6 of the creator 'ann'" in whole.stdout
    assert run(*names[1:]).returncode == 1
    (alone / names[0]).write_text("x")
    assert "not proved: 0.tlog-proof: this is no proof" in run(*names).stderr
