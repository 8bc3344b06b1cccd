"""Errors for the person who can act on them: one sentence, and a documented exit code.

| code | meaning |
|---|---|
| 0 | done |
| 1 | done, but something was refused, differs or can't be printed; the output says what |
| 2 | the command line is wrong |
| 3 | input refused: nothing was written |
| 4 | a rulebook is wrong, unknown or changed |
| 5 | the store can't be used: not ours, newer, read-only, locked, full, unreachable, replaced;
|   | or there is too little memory |
| 6 | conflict: same source and id with other content, or not the expected version |
| 130 | interrupted |
"""


class LedgerError(Exception):
    """Shown to a person as `error: <sentence>`; the process ends with `exit_code`."""

    exit_code = 1


class InputError(LedgerError):
    """A fact, a file or an option is malformed: nothing was written."""

    exit_code = 3


class RulebookError(LedgerError):
    """A rulebook is wrong, unknown or changed."""

    exit_code = 4


class NoRulebookError(RulebookError):
    """There is no rulebook of a name."""


class StoreError(LedgerError):
    """The store can't be used."""

    exit_code = 5


class ReplacedError(StoreError):
    """A store's file is another by now, or gone: only a new start can tell what is there."""


class NoLedgerError(StoreError):
    """There is none at a place where one may be made."""


class UnreadableError(StoreError):
    """The bytes of a fact can't be read: damaged, or of a newer version of this program."""


class ConflictError(LedgerError):
    """Same source and id with other content, or not the expected version."""

    exit_code = 6
