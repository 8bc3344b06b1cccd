"""The examples of `docs/rulebooks.md` have keys that the loader takes; every concept is named."""

import re
import tomllib
from decimal import Decimal
from typing import get_args

import pytest

from ledger.rulebook.citations import Citations
from ledger.rulebook.concepts import Concept
from ledger.rulebook.shapes import misshapen
from ledger.rulebook.shelf import SHIPPED

PAGE = (SHIPPED.parents[1] / "docs" / "rulebooks.md").read_text("utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_every_key_of_an_example_is_known(block: str) -> None:
    plain = Citations(tomllib.loads(block, parse_float=Decimal)).plain
    assert [f for f in misshapen(plain) if "missing" not in f.text] == []


def test_every_concept_is_named() -> None:
    assert len(BLOCKS) >= 12
    assert [c for c in get_args(Concept) if f"`{c}`" not in PAGE] == []
