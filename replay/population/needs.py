"""What folding everybody takes beside the package itself."""

from importlib.util import find_spec

from ledger.errors import StoreError

PACKAGES = ("numpy", "llvmlite")


def installed() -> bool:
    """Whether all of it is there, for whoever can do without."""
    return all(find_spec(package) is not None for package in (*PACKAGES, "pyarrow"))


def check_packages() -> None:
    """Raises StoreError, with the remedy, where one is not installed."""
    for package in PACKAGES:
        if find_spec(package) is None:
            raise StoreError(
                f"{package} is not here, and asking about everybody needs it: "
                "pip install 'penalty-ledger[replay]'"
            )
