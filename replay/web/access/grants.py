"""Actions, roles, and which role may do what. Whatever is not here is refused."""

from collections.abc import Mapping
from enum import StrEnum


class Action(StrEnum):
    """What a route does."""

    READ_CREATOR = "read_creator"
    """One creator: standing, audit, reasons, what if."""
    READ_EVERYBODY = "read_everybody"
    """Lists, search, the feed of changes."""
    ASK_EVERYBODY = "ask_everybody"
    """What if, for everybody."""
    READ_RULES = "read_rules"
    """Rulebooks and their prose."""
    RECORD = "record"
    """Facts in."""
    ADMINISTER = "administer"
    """Tokens, and who read what."""


class Role(StrEnum):
    """Of a token."""

    CREATOR = "creator"
    OPERATOR = "operator"
    RULE_AUTHOR = "rule_author"
    AUDITOR = "auditor"
    ADMIN = "admin"


GRANTS: Mapping[Role, frozenset[Action]] = {
    Role.CREATOR: frozenset({Action.READ_CREATOR, Action.READ_RULES}),  # of the own record alone
    Role.OPERATOR: frozenset(
        {Action.READ_CREATOR, Action.READ_EVERYBODY, Action.READ_RULES, Action.RECORD}
    ),
    Role.RULE_AUTHOR: frozenset({Action.ASK_EVERYBODY, Action.READ_RULES}),
    Role.AUDITOR: frozenset(
        {Action.READ_CREATOR, Action.READ_EVERYBODY, Action.ASK_EVERYBODY, Action.READ_RULES}
    ),
    Role.ADMIN: frozenset(Action),
}
