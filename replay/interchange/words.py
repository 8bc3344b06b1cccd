"""A mapping file: which words of the DSA Transparency Database stand for ours.

The words of the database are those of its API documentation (in force since 1 July 2025). A file
may give any of a statement's fields to a category, a feature, a measure, an account, a way of
detection or the ground of a measure; `[defaults]` says what holds where nothing else says it.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import tomli
from msgspec import Meta, Struct

from ledger.errors import InputError

SHIPPED = Path(__file__).parent / "mappings" / "douyin.toml"
MAX_BYTES = 256 * 1024

Visibility: TypeAlias = Literal[
    "DECISION_VISIBILITY_CONTENT_REMOVED",
    "DECISION_VISIBILITY_CONTENT_DISABLED",
    "DECISION_VISIBILITY_CONTENT_DEMOTED",
    "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
    "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
    "DECISION_VISIBILITY_CONTENT_LABELLED",
    "DECISION_VISIBILITY_OTHER",
]
Monetary: TypeAlias = Literal[
    "DECISION_MONETARY_SUSPENSION", "DECISION_MONETARY_TERMINATION", "DECISION_MONETARY_OTHER"
]
Provision: TypeAlias = Literal[
    "DECISION_PROVISION_PARTIAL_SUSPENSION",
    "DECISION_PROVISION_TOTAL_SUSPENSION",
    "DECISION_PROVISION_PARTIAL_TERMINATION",
    "DECISION_PROVISION_TOTAL_TERMINATION",
]
OfAccount: TypeAlias = Literal["DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"]
Category: TypeAlias = Literal[
    "STATEMENT_CATEGORY_ANIMAL_WELFARE",
    "STATEMENT_CATEGORY_CONSUMER_INFORMATION",
    "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN",
    "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
    "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
    "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
    "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
    "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE",
    "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
    "STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
    "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY",
    "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
    "STATEMENT_CATEGORY_SELF_HARM",
    "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS",
    "STATEMENT_CATEGORY_VIOLENCE",
]
Content: TypeAlias = Literal[
    "CONTENT_TYPE_APP",
    "CONTENT_TYPE_AUDIO",
    "CONTENT_TYPE_IMAGE",
    "CONTENT_TYPE_PRODUCT",
    "CONTENT_TYPE_SYNTHETIC_MEDIA",
    "CONTENT_TYPE_TEXT",
    "CONTENT_TYPE_VIDEO",
    "CONTENT_TYPE_OTHER",
]
SourceType: TypeAlias = Literal[
    "SOURCE_ARTICLE_16",
    "SOURCE_TRUSTED_FLAGGER",
    "SOURCE_TYPE_OTHER_NOTIFICATION",
    "SOURCE_VOLUNTARY",
]
Automated: TypeAlias = Literal[
    "AUTOMATED_DECISION_FULLY",
    "AUTOMATED_DECISION_PARTIALLY",
    "AUTOMATED_DECISION_NOT_AUTOMATED",
]
Country: TypeAlias = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
Short: TypeAlias = Annotated[str, Meta(min_length=1, max_length=500)]
EEA = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
"""The countries that a statement may name."""


class Words(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Fields of a statement, under the database's own names; none of them is needed."""

    decision_visibility: tuple[Visibility, ...] = ()
    decision_visibility_other: Short | None = None
    decision_monetary: Monetary | None = None
    decision_monetary_other: Short | None = None
    decision_provision: Provision | None = None
    decision_account: OfAccount | None = None
    account_type: Literal["ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE"] | None = None
    category: Category | None = None
    category_addition: tuple[Category, ...] = ()
    category_specification: tuple[Annotated[str, Meta(pattern="^KEYWORD_[A-Z_]+$")], ...] = ()
    category_specification_other: Short | None = None
    content_type: tuple[Content, ...] = ()
    content_type_other: Short | None = None
    content_language: Country | None = None
    territorial_scope: tuple[Country, ...] = ()
    source_type: SourceType | None = None
    automated_detection: Literal["Yes", "No"] | None = None
    automated_decision: Automated | None = None
    decision_ground_reference_url: Short | None = None

    def said(self) -> dict[str, Any]:
        """What it says, as JSON has it."""
        return dict(msgspec.to_builtins(self))


class Restriction(Words, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a feature's stop or a measure is; `for_good` says it of one without an end."""

    for_good: Words | None = None


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole mapping file, by our words."""

    title: str = ""
    defaults: Words = Words()
    categories: dict[str, Words] = {}
    features: dict[str, Restriction] = {}
    measures: dict[str, Restriction] = {}
    accounts: dict[str, Words] = {}
    detected_by: dict[str, Words] = {}
    grounds: dict[str, Words] = {}
    """Of measures that were imposed."""


def load(path: Path) -> Mapping:
    """Read and check a mapping file. Raises InputError: file, key path, what is wrong."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise InputError(f"DSA mapping {path}: over {MAX_BYTES} bytes; at most that many")
        return msgspec.convert(tomli.loads(raw.decode()), Mapping)
    except OSError as error:
        raise InputError(f"DSA mapping {path}: can't be read ({error.strerror})") from None
    except (UnicodeDecodeError, tomli.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"DSA mapping {path}: not TOML in UTF-8: {error}") from None
    except msgspec.ValidationError as error:
        raise InputError(f"DSA mapping {path}: {error}") from None
