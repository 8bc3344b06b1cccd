"""A real browser, for the modules that ask for one (`browsing` says how)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from .browsing import Watched, chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of one module: while it runs, the thread has an event loop, which others would stumble on."""
    path = chromium()
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Watched]:
    """A window for an analyst: wide, light, in English. What went wrong in it fails the test."""
    with Watched(browser) as watched:
        yield watched
