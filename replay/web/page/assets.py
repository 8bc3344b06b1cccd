"""What a browser loads: the style of pages and pictures in one, and our script; kept for a year.

Names have the hash of what is in them, so that a new version is another file.
"""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from replay.pages.files import PAGE
from replay.picture.styles import sheet
from replay.population import report

HERE = Path(__file__).parent / "static"
EVERYBODY = Path(report.__path__[0]) / "population.css"
router = APIRouter()
FOR_EVER = "public, max-age=31536000, immutable"


@cache
def files() -> dict[str, tuple[str, bytes]]:
    """{name with hash: media type and content}."""
    style = sheet(*PAGE, EVERYBODY, HERE / "page.css").encode()
    script = sheet(HERE / "page.js", HERE / "everybody.js").encode()
    found = {}
    for stem, ending, media, content in (
        ("page", "css", "text/css", style),
        ("page", "js", "text/javascript", script),
    ):
        mark = hashlib.sha256(content).hexdigest()[:12]
        found[f"{stem}-{mark}.{ending}"] = media, content
    return found


def url(ending: str) -> str:
    """Where the file of that kind is."""
    return next(f"/static/{name}" for name in files() if name.endswith(ending))


@router.get("/static/{name}", name="static")
def static(name: str) -> Response:
    """One file."""
    if name not in files():
        raise HTTPException(404)
    media, content = files()[name]
    return Response(content, media_type=media, headers={"Cache-Control": FOR_EVER})
