"""URLs of stores and of read models, as they may be shown: without what may be a password.

Only of a URL that is well-formed does anybody know which part is the password; one that isn't is
never repeated, whole or in part.
"""

import re
from typing import Self
from urllib.parse import unquote

_TEXT = r"(?:[^\s/?#@%]|%[0-9a-fA-F]{2})*"
_VALUE = _TEXT.replace("%]", "%&]")  # each & parts two options, and is tried in one way alone
_HOST = r"(?:\[[0-9a-fA-F:.]+\]|(?:[\w.-]|%[0-9a-fA-F]{2})*)(?::\d{1,5})?"
_WELL_FORMED = re.compile(
    rf"(?P<scheme>[a-z]+://)(?:(?P<user>{_TEXT})@)?(?P<hosts>{_HOST}(?:,{_HOST})*)"
    rf"(?P<path>/{_TEXT})?(?:\?(?P<query>[a-z_]+={_VALUE}(?:&[a-z_]+={_VALUE})*))?"
)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


class Address(str):
    """A URL without user, password and options, to be shown; it knows what it leaves out."""

    secret: str

    @classmethod
    def of(cls, url: str) -> Self | None:
        """None where the URL is not well-formed."""
        found = _WELL_FORMED.fullmatch(url)
        if found is None:
            return None
        address = cls(f"{found['scheme']}{found['hosts']}{found['path'] or ''}")
        address.secret = unquote(f"{found['user'] or ''}\n{found['query'] or ''}")
        return address

    def hide(self, said: str) -> str:
        """What others say of it, without what they quote of the rest of the URL."""
        return _QUOTED.sub(lambda m: '"…"' if m[0][1:-1] in self.secret else m[0], said)
