"""The pictures of the README: the page of an example in a browser, and a question in a terminal.

Writes docs/pictures/page.png and docs/pictures/terminal.svg; needs Chromium, as tests of pages do.
"""

import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from demo_parts.checks import EXAMPLES, PROGRAM, bring_in
from PIL import Image
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
AS_OF = "2024-08-06T20:00:00+08:00"
SIZE = {"width": 1180, "height": 1480}


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        db = f"sqlite:///{folder}/page.db"
        bring_in(db, EXAMPLES / "exam-in-place" / "exam_then_appeal.jsonl")
        terminal(db)
        page(db)
    return 0


def terminal(db: str) -> None:
    asked = ["what-if", "mei", "--drop", "e5", "--as-of", AS_OF]
    done = subprocess.run([PROGRAM, "--db", db, *asked], capture_output=True, text=True, check=True)
    with Path("/dev/null").open("w", encoding="utf-8") as nowhere:
        console = Console(width=120, record=True, highlight=False, file=nowhere)
        console.print(f"$ penalty-ledger {' '.join(asked)}", style="bold", soft_wrap=True)
        console.print(Text(done.stdout.rstrip()))
    said = console.export_svg(title="what if", unique_id="terminal")
    said = re.sub(r"@font-face \{.*?\}", "", said, flags=re.S)  # a font from another host
    (PICTURES / "terminal.svg").write_text(said, encoding="utf-8")


def page(db: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    served = subprocess.Popen([str(PROGRAM), "--db", db, "serve", "--port", str(port)])
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            time.sleep(0.1)
        with sync_playwright() as driver:
            path = shutil.which("chromium") or shutil.which("chromium-browser")
            browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
            window = browser.new_page(viewport=SIZE, locale="en-GB")
            asked = urlencode({"as_of": AS_OF, "scenario": '[{"drop":"e5"}]'})
            window.goto(f"http://127.0.0.1:{port}/creators/mei?{asked}")
            window.screenshot(path=PICTURES / "page.png")
            browser.close()
    finally:
        served.terminate()
        served.wait()
    with Image.open(PICTURES / "page.png") as image:
        small = image.convert("RGB").quantize(64)
    small.save(PICTURES / "page.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
