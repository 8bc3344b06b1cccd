"""What the tests of the archive share."""

import killing
import pytest

from projections.archive import build, runner


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `killing.small` sets, put back at the end."""
    for module, names in ((runner, ("STEP", "FEW", "PILE")), (build, ("GROUP", "PAGE", "SHARE"))):
        for name in names:
            monkeypatch.setattr(module, name, getattr(module, name))
    killing.small()
