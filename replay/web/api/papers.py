"""What is asked of one creator, as a file for people, or for another program."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from replay.library import Ledger
from replay.library.auditing import Closely
from replay.web.api.asked import MARKDOWN, OF, READ, WIDEST, Creator, Time, ask_text, of_type

router = APIRouter(tags=["papers"])
Language = Literal["en", "zh"]
HTML, SVG, LINES = "text/html", "image/svg+xml", "application/jsonl"
ALONE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
    " frame-ancestors 'none'; sandbox"
}
"""A page and a picture bring their style along, and run nothing."""


@router.get(
    f"{OF}/statement",
    name="statement",
    dependencies=READ,
    response_class=Response,
    responses=MARKDOWN,
)
def statement(
    request: Request,
    creator: Creator,
    sanction: Annotated[str, Query(max_length=WIDEST)],
    lang: Language = "en",
    as_of: Time = None,
    known_at: Time = None,
) -> Response:
    """The statement of reasons for one sanction, as Markdown."""

    def told(ledger: Ledger) -> str:
        return ledger.statement(creator, sanction, lang, as_of=as_of, known_at=known_at)

    return ask_text(request, told, "text/markdown")


def closely(
    since: Time = None, until: Time = None, as_of: Time = None, known_at: Time = None
) -> Closely:
    """Two times, and what the picture shows closely."""
    return {"since": since, "until": until, "as_of": as_of, "known_at": known_at}


Asked = Annotated[Closely, Depends(closely)]


@router.get(
    f"{OF}/audit.html",
    name="audit_page",
    dependencies=READ,
    response_class=Response,
    responses=of_type(HTML),
)
def page(request: Request, creator: Creator, asked: Asked, lang: Language = "en") -> Response:
    """The audit as a page that needs nothing beside itself."""
    return ask_text(request, lambda ledger: ledger.page(creator, lang, **asked), HTML, ALONE)


@router.get(
    f"{OF}/audit.svg",
    name="audit_picture",
    dependencies=READ,
    response_class=Response,
    responses=of_type(SVG),
)
def picture(request: Request, creator: Creator, asked: Asked, lang: Language = "en") -> Response:
    """Its picture alone."""
    return ask_text(request, lambda ledger: ledger.picture(creator, lang, **asked), SVG, ALONE)


@router.get(
    f"{OF}/bundle",
    name="bundle",
    dependencies=READ,
    response_class=Response,
    responses=of_type(LINES),
)
def bundle(
    request: Request, creator: Creator, as_of: Time = None, known_at: Time = None
) -> Response:
    """Facts, rules and rulings as one file, which `audit --bundle` asks again elsewhere."""
    return ask_text(
        request, lambda ledger: ledger.bundle([creator], as_of=as_of, known_at=known_at), LINES
    )
