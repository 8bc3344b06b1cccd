"""A clock that can't be right is noticed before it stamps what stays for ever."""

import time
from datetime import timedelta

from ledger.errors import InputError
from ledger.exchange.dry_run import last_of
from ledger.facts.forms import write_instant
from ledger.log.port import Reader

PATIENCE = 5 * 60 * 1_000_000
"""By how much the clocks of two machines may differ."""


def check_clock(log: Reader, *, allow: bool) -> None:
    """Refuse to record where the log's last fact lies in the future of this machine's clock."""
    now, (position, last) = time.time_ns() // 1000, last_of(log)
    if allow or last <= now + PATIENCE:
        return
    ahead = timedelta(seconds=(last - now) // 1_000_000)
    raise InputError(
        f"the fact at position {position} was recorded at {write_instant(last)}, {ahead} after "
        f"what this machine's clock shows ({write_instant(now // 1_000_000 * 1_000_000)}): one of "
        "the two clocks was wrong. Nothing was recorded. Set the clock right; or, where it is, "
        "--allow-clock records with the log's last time, which all later facts then bear until "
        "the clock has come there"
    )
