"""What modules here ask for: a real browser (`browsing` says how), a real read model (`rows`)."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright
from web_served import served

from replay.web.settings import Settings

from .browsing import Watched, chromium
from .rows import EXAMPLES, ROWS, placed, until


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


@pytest.fixture
def rows(tmp_path: Path, valkey_url: str) -> Settings:
    """The examples, and a read model of them."""
    return placed(tmp_path, valkey_url, *EXAMPLES)


@pytest.fixture
def reading(rows: Settings) -> Iterator[httpx.Client]:
    """A client of a server that reads them."""
    with served(rows) as client:
        until(client, ROWS)
        yield client
