"""The tree against RFC 9162's own definition, exhaustively for small ones; forged proofs fail."""

from hashlib import sha256
from random import Random

import pytest

from ledger.seal.offline import (
    WrongError,
    leaf_hash,
    node_hash,
    root_of_inclusion,
    roots_of_consistency,
)
from ledger.seal.tree import EMPTY, Frontier, Levels

MOST = 66


def leaves(number: int) -> list[bytes]:
    return [leaf_hash(bytes([n])) for n in range(number)]


def defined(hashes: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, as it is written there."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return node_hash(defined(hashes[:k]), defined(hashes[k:]))


@pytest.mark.parametrize("size", range(MOST))
def test_the_root_is_the_defined_one_however_it_grows(size: int) -> None:
    hashes = leaves(size)
    grown = Frontier()
    for leaf in hashes:
        grown.grow([leaf])
    assert grown.root() == Levels(b"".join(hashes)).root() == defined(hashes)
    assert sha256(b"").digest() == EMPTY


@pytest.mark.parametrize("size", range(1, MOST))
def test_every_leaf_is_proved_and_no_other(size: int) -> None:
    hashes = leaves(size)
    tree, root = Levels(b"".join(hashes)), defined(hashes)
    for index, leaf in enumerate(hashes):
        proof = tree.inclusion(index)
        assert root_of_inclusion(leaf, index, size, proof) == root
        for forged in forgeries(proof):
            with pytest.raises(WrongError):
                assert_root(root_of_inclusion(leaf, index, size, forged), root)
        other = (index + 1) % size
        if other != index:
            with pytest.raises(WrongError):
                assert_root(root_of_inclusion(leaf, other, size, proof), root)


def assert_root(found: bytes, wanted: bytes) -> None:
    if found != wanted:
        raise WrongError("another root")


def forgeries(proof: list[bytes]) -> list[list[bytes]]:
    made = [[*proof, proof[-1]], proof[:-1]] if proof else [[bytes(32)]]
    if proof:
        at = Random(len(proof)).randrange(len(proof))
        made.append([*proof[:at], bytes(32), *proof[at + 1 :]])
    if len(set(proof)) > 1:
        made.append(proof[::-1])
    return made


@pytest.mark.parametrize("second", range(1, MOST))
def test_every_beginning_is_proved_and_no_other(second: int) -> None:
    hashes = leaves(second)
    tree, new = Levels(b"".join(hashes)), defined(hashes)
    for first in range(1, second + 1):
        old, proof = defined(hashes[:first]), tree.consistency(first)
        assert roots_of_consistency(first, second, old, proof) == (old, new)
        if first < second:
            changed = defined([bytes(32), *hashes[1:first]])
            assert roots_of(first, second, changed, proof) != (changed, new)


def roots_of(first: int, second: int, old: bytes, proof: list[bytes]) -> tuple[bytes, bytes] | None:
    try:
        return roots_of_consistency(first, second, old, proof)
    except WrongError:
        return None
