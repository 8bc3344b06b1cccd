"""A window of the distribution's Chromium in which nothing may go wrong unseen.

A module of such tests says `pytestmark = BROWSER`: together they use one worker, so that few
browsers run. `PENALTY_LEDGER_RENEW=1 scripts/test tests/web` keeps new pictures of what is shown.
"""

import io
import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageChops
from playwright.sync_api import Browser, ConsoleMessage, Request, Response
from playwright.sync_api import Page as Window

BROWSER = pytest.mark.xdist_group("browser")
NAMES = ("chromium", "chromium-browser", "google-chrome")
GOLDEN = Path(__file__).parents[1] / "golden" / "web"
SHARE = 3
"""A picture is kept at a third of its size: enough to see what is where."""
COARSE = 4
"""And is compared in squares of so many of its pixels: fonts differ a little between machines."""
APART, MOST = 40, 0.02
"""Levels of 255 by which a square may differ, and the share of squares that may differ by more."""
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def chromium() -> str:
    """Where it is; the test is skipped where there is none, but never in CI."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    missing = "no Chromium: scripts/test installs it with apt where it may (docs/contributing.md)"
    assert not os.environ.get("CI"), missing
    pytest.skip(missing)


class Watched:
    """A window, and whatever went wrong in it: errors of scripts, refused and failed requests."""

    def __init__(self, browser: Browser, **context: Any) -> None:
        given = {"viewport": DESK, "locale": "en-GB", "reduced_motion": "reduce"} | context
        self._opened = ExitStack()
        made = browser.new_context(**given)
        self._opened.callback(made.close)
        self.window: Window = made.new_page()
        self.wrong: list[str] = []
        self.window.on("console", self._console)
        self.window.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.window.on("requestfailed", self._failed)
        self.window.on("response", self._answered)
        self.window.set_default_timeout(10_000)

    def _console(self, message: ConsoleMessage) -> None:
        by_itself = message.location.get("url", "").endswith("/favicon.ico")
        if message.type in ("error", "warning") and not by_itself:
            self.wrong.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # whoever leaves a page ends what it waits for
            self.wrong.append(f"failed: {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.wrong.append(f"{response.status}: {response.url}")

    def expected(self, *parts: str) -> None:
        """What a test provoked is no fault: each part is in something, and nothing is left."""
        for part in parts:
            assert any(part in each for each in self.wrong), (part, self.wrong)
        self.wrong = [each for each in self.wrong if not any(part in each for part in parts)]

    def accessible(self) -> None:
        """Everybody can use it, as far as axe can tell."""
        found = Axe().run(self.window).response["violations"]
        assert not found, [
            (each["id"], each["help"], [node["html"][:120] for node in each["nodes"]][:3])
            for each in found
        ]
        wide = self.window.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"the page is {wide} pixels wider than its window"

    def looks_like(self, name: str) -> None:
        """As the picture of that name that is kept."""
        kept = GOLDEN / f"{name}.png"
        shown = small(self.window.screenshot(full_page=True))
        if os.environ.get("PENALTY_LEDGER_RENEW"):
            kept.parent.mkdir(exist_ok=True)
            shown.quantize(32).save(kept, optimize=True)
        with Image.open(kept) as image:
            said = differs(image.convert("RGB"), shown)
        if said:
            place = Path(os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")) / f"{name}.png"
            shown.save(place)
            pytest.fail(f"{name}: {said}; it is shown as {place}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.close()
        if error is None:
            assert not self.wrong, self.wrong


def small(picture: bytes) -> Image.Image:
    """A screenshot at the size in which it is kept."""
    with Image.open(io.BytesIO(picture)) as image:
        return image.convert("RGB").reduce(SHARE)


def differs(kept: Image.Image, shown: Image.Image) -> str:
    """In what two pictures differ that a reader would notice; "" is in nothing."""
    tall = abs(kept.height - shown.height)
    if kept.width != shown.width or tall > max(8, kept.height // 50):
        return f"its size is {shown.size}, it was {kept.size}"
    box = (0, 0, kept.width, min(kept.height, shown.height))
    one, other = (each.crop(box).reduce(COARSE) for each in (kept, shown))
    squares = ImageChops.difference(one, other).convert("L").tobytes()
    apart = sum(level > APART for level in squares) / len(squares)
    return f"{apart:.1%} of it looks other" if apart > MOST else ""
