"""What a mapping's `format` reads is what strptime reads, to the last odd text."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.exchange.cells import format_reader

FORMS = (
    "%Y-%m-%d", "%Y%m%d", "%d%m%Y", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d  %H:%M:%S.%f",
    "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d%%H:%M",
    "%Y%m%d%H%M%S%f", "%H:%M on %d/%m/%Y", "%Y年%m月%d日", "%d%%%m%%%Y", "(%Y)+%m*%d",
    "%Y-%m-%dT%H:%M:%S%z", "%y%m%d", "%d %B %Y", "%m-%d", "%Y-%m-%d %M", "%Y %d",
)  # fmt: skip
ODD = st.sampled_from([*"0123456789", "", " ", "  ", "\n", "-", "+1", "_", "٣", "३", "T", "t", "%"])


@st.composite
def texts(draw: st.DrawFn, form: str) -> str:
    """A time in a format, with some of its characters made others."""
    text = draw(st.datetimes(timezones=st.just(UTC))).strftime(form)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(ODD) + text[at + draw(st.integers(0, 1)) :]
    return text


def outcome(read: Callable[[str], datetime], text: str) -> datetime | None:
    try:
        return read(text)
    except ValueError:
        return None


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
def test_a_format_reads_what_strptime_reads(form: str, data: st.DataObject) -> None:
    text = data.draw(texts(form))
    expected = outcome(lambda text: datetime.strptime(text, form), text)
    assert outcome(format_reader(form), text) == expected


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%d%m%Y", "%Y%m%d%H%M%S%f"])
def test_what_has_its_full_width_is_read_without_strptime(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fast(datetime):
        @classmethod
        def strptime(cls, text: str, _: str) -> Self:
            assert not text, "strptime was asked"
            return cls(1900, 1, 1)

    at = datetime(2024, 12, 31)
    monkeypatch.setattr("ledger.exchange.cells.datetime", Fast)
    assert format_reader(form)(at.strftime(form)) == at
