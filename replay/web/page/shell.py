"""What stands around every page: where else one may go, in which language, who is signed in."""

from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element

from fastapi import Request, Response

from projections.explain.messages import LANGUAGES
from projections.explain.phrases import Value, Word
from replay.pages.page import LOCALES, shapes
from replay.picture.elements import add, as_html, node
from replay.web.access.grants import GRANTS, Action
from replay.web.access.principals import Principal
from replay.web.page import assets
from replay.web.page.words import COOKIE, language_of, word

PRIVATE = {"Cache-Control": "no-store"}
PLACES = (
    ("overview", "/overview", Action.READ_EVERYBODY),
    ("rules", "/rulebooks", Action.READ_RULES),
    ("everybody", "/population", Action.ASK_EVERYBODY),
)
YEAR = 31_536_000


def shown(
    request: Request,
    principal: Principal | None,
    title: str,
    *content: Element,
    status: int = 200,
) -> Response:
    """A page; `content` is a `main`, and what stands before it."""
    language = language_of(request)
    head = node(
        "head",
        "",
        node("meta", charset="utf-8"),
        node("meta", name="viewport", content="width=device-width,initial-scale=1"),
        node("title", "", f"{title} · {word('title', language)}"),
        node("link", rel="icon", href="data:,"),
        node("link", rel="stylesheet", href=assets.url("css")),
        node("script", "", src=assets.url("js"), type="module"),
    )
    for each in content:
        if each.tag == "main":
            each.set("id", "main")
            each.set("tabindex", "-1")
    skip = node("a", "skip", word("skip", language), href="#main")
    body = node("body", "web", skip, shapes(), _bar(request, principal, language), *content)
    made = as_html(node("html", "", head, body, lang=LOCALES[language]))
    response = Response(made, status, PRIVATE, "text/html; charset=utf-8")
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(
            COOKIE, language, max_age=YEAR, samesite="lax", httponly=True,
            secure=request.url.scheme == "https",
        )  # fmt: skip
    return response


def _bar(request: Request, principal: Principal | None, language: str) -> Element:
    bar = node("nav", "bar", node("a", "home", word("title", language), href="/"))
    if principal is not None:
        may = GRANTS[principal.role]
        for key, path, action in PLACES:
            if action in may:
                here = {"aria_current": "page"} if request.url.path == path else {}
                add(bar, node("a", "", word(key, language), href=path, **here))
        if principal.staff and Action.READ_CREATOR in may:
            add(bar, _search(language))
    add(bar, _other(request, language))
    if principal is not None and principal.token:
        who: dict[str, Value] = {"name": principal.name, "role": Word("web_roles", principal.role)}
        add(
            bar,
            node("span", "who", word("signed_in", language, who)),
            node(
                "form",
                "",
                node("button", "link", word("sign_out", language)),
                method="post",
                action="/logout",
            ),
        )
    return bar


def _search(language: str) -> Element:
    label = word("search", language)
    field = node("input", "", name="creator", type="search", placeholder=label, aria_label=label)
    field.set("required", "required")
    button = node("button", "", word("find", language))
    return node("form", "search", field, button, method="get", action="/open", role="search")


def _other(request: Request, language: str) -> Element:
    """The same page in the other language."""
    other = next(each for each in LANGUAGES if each != language)
    query = [(k, v) for k, v in request.query_params.multi_items() if k != "lang"]
    href = f"{quote(request.url.path)}?{urlencode([*query, ('lang', other)])}"
    return node("a", "other", word("language", language), href=href, lang=LOCALES[other])


def problem(request: Request, status: int, detail: str) -> Response:
    """A refusal as a page."""
    language = language_of(request)
    title = word("problem", language)
    content = node("main", "", node("h1", "", title), node("p", "second", detail))
    if status == 401:
        href = f"/login?next={quote(request.url.path)}"
        add(content, node("p", "", node("a", "", word("sign_in", language), href=href)))
    return shown(request, None, title, content, status=status)
