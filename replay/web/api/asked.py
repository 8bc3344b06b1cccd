"""What requests have in common: times, pages, scenarios, the ledger that is lent to them."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response

from replay.library import Ledger
from replay.web.access.gate import may
from replay.web.access.grants import Action
from replay.web.api.answers import answer, sent
from replay.web.ledgers import Ledgers

WIDEST = 1024
OF = "/creators/{creator:path}"
Creator = Annotated[str, Path(max_length=WIDEST, description="The creator's id.")]
Time = Annotated[
    str | None,
    Query(
        max_length=64,
        description="RFC 3339, or on the clocks of the creator's rulebook; a date is its end.",
        examples=["2024-07-10T12:00:00+08:00"],
    ),
]
Word = Annotated[str, Query(max_length=WIDEST)]
Words = Annotated[list[str], Query(max_length=50)]
Size = Annotated[int, Query(ge=1, le=200, description="Rows of an answer.")]
Place = Annotated[int, Query(ge=0, le=2**62, description="Where to go on, as `next` says.")]
READ = [Depends(may(Action.READ_CREATOR))]
EVERYBODY = [Depends(may(Action.READ_EVERYBODY))]
PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
SAID = {
    401: "no token, or one that has ended",
    403: "this token may not",
    404: "nothing is known of it",
    405: "not a method of this path",
    409: "it contradicts what is recorded, or a rulebook has changed",
    412: "the record is at another version",
    413: "the body is too large",
    415: "not a media type that is taken",
    421: "not served under that name",
    422: "found something; something else is wanted",
    429: "too many requests",
    503: "busy, or the store can't be used",
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, **PROBLEM} for status, said in SAID.items()
}
REFUSALS[400] = {
    "description": "the request can't be read; as plain text, where it is no HTTP, or its line and"
    " headers are longer than 64 KiB",
    "content": PROBLEM["content"] | {"text/plain": {"schema": {"type": "string"}}},
}
KNOWN: dict[int | str, dict[str, Any]] = {304: {"description": "as `If-None-Match` has it"}}


def of_type(media: str) -> dict[int | str, dict[str, Any]]:
    """How an answer is described that is no JSON."""
    return {200: {"description": "It", "content": {media: {"schema": {"type": "string"}}}}}


MARKDOWN = of_type("text/markdown")


def ask(request: Request, question: Callable[[Ledger], object]) -> Response:
    """What a ledger answers, as JSON."""
    ledgers: Ledgers = request.app.state.ledgers
    with ledgers.borrow() as ledger:
        return answer(request, question(ledger))


def ask_text(
    request: Request,
    question: Callable[[Ledger], str | bytes],
    media: str,
    headers: dict[str, str] | None = None,
) -> Response:
    """The same of what is no JSON."""
    ledgers: Ledgers = request.app.state.ledgers
    with ledgers.borrow() as ledger:
        said = question(ledger)
    return sent(request, said if isinstance(said, bytes) else said.encode(), media, headers)
