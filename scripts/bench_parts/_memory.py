"""The most memory that this program has had, without what the one that started it had.

`getrusage` says more: a child begins with its parent's peak, exec or not.
"""

import re
from pathlib import Path


def peak_mib() -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1024
