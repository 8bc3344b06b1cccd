"""Who asks."""

from msgspec import Struct

from ledger.errors import LedgerError
from ledger.text import safe
from replay.web.access.grants import GRANTS, Action, Role


class Principal(Struct, frozen=True):
    """The holder of a token, or whoever sits at this machine."""

    name: str
    role: Role
    creator: str = ""
    """Whose record alone a creator's token opens."""
    token: str = ""
    """The id of the token; "" where there are none."""
    purpose: str = ""
    """Why the holder reads others' records."""

    @property
    def staff(self) -> bool:
        """Whether others' records are read."""
        return self.role is not Role.CREATOR


HERE = Principal("this machine", Role.ADMIN)
"""Whoever asks where there are no tokens."""


class RefusedError(LedgerError):
    """Somebody known may not do this."""


class UnknownError(LedgerError):
    """Nobody known asks: no token, or one that is expired, revoked or not ours."""


def authorize(principal: Principal, action: Action, creator: str = "") -> None:
    """Raises RefusedError, with the same sentence whether that creator exists or not."""
    if action not in GRANTS[principal.role]:
        raise RefusedError(
            f"the role {principal.role} may not {action.replace('_', ' ')}: ask for another token"
        )
    if principal.role is Role.CREATOR and creator and creator != principal.creator:
        raise RefusedError(f'this token opens the record of "{safe(principal.creator)}" alone')
