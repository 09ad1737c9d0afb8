"""The observer's page in a real browser without a window, which reaches this machine and nothing else."""

import base64
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from support.browser import chromium, program

WIDE, PHONE = (1400, 900), (390, 844)
PICTURES = Path(os.environ.get("PAGE_PICTURES", "page-pictures"))
"""Where the pictures of a test run are kept."""

_SECONDS = 30.0
_PATIENCE = 60.0
_DRAWN = "return document.querySelectorAll('#lag .trace, #lag-map .hm').length"


class Page:
    """A page that is open.

    Args:
        driver: The browser.
        url: The address of the observer.
    """

    def __init__(self, driver: webdriver.Chrome, url: str) -> None:
        self.driver = driver
        self.url = url

    def open(self, search: str = "") -> None:
        """Opens it, and waits until its charts are drawn."""
        self.driver.get(f"{self.url}/{search}")
        self.wait(lambda: self.run(_DRAWN) > 0, "the lag to be drawn")

    def run(self, script: str, *arguments: object) -> Any:
        """What a script gives."""
        return self.driver.execute_script(script, *arguments)

    def text(self, selector: str = "body") -> str:
        """What is to be read there."""
        return str(
            self.run("const e = document.querySelector(arguments[0]); return e ? e.innerText : ''", selector)
        )

    def wait(self, condition: Any, what: str, seconds: float = _PATIENCE) -> None:
        """Waits until something holds."""
        last = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < last, (
                f"waited {seconds:g} s for {what}; the page says:\n{self.text()[:3000]}"
            )
            time.sleep(0.1)

    def look_as(self, size: tuple[int, int], theme: str) -> None:
        """Takes the size of a screen, and what its owner likes better: `light` or `dark`."""
        feature = {"name": "prefers-color-scheme", "value": theme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        self._size(size)
        time.sleep(0.7)  # charts take their new size a moment later

    def _size(self, size: tuple[int, int]) -> None:
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def picture(self, name: str, size: tuple[int, int], theme: str, *, whole: bool = True) -> Path:
        """Takes a picture of it and keeps it."""
        self.look_as(size, theme)
        if whole:
            self._size((size[0], min(8000, self.run("return document.documentElement.scrollHeight"))))
            time.sleep(0.7)
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}-{'phone' if size[0] < 600 else 'wide'}-{theme}.png"
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        path.write_bytes(base64.b64decode(shot["data"]))
        self._size(size)
        return path

    def complaints(self) -> list[str]:
        """What the browser's console has said since it was asked last."""
        return [f"{one['level']} {one['message']}" for one in self.driver.get_log("browser")]

    def requested(self) -> list[str]:
        """What the browser has asked for since this was asked last, but for what stands in the page itself."""
        found = []
        for one in self.driver.get_log("performance"):
            message = json.loads(one["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                address = message["params"]["request"]["url"]
                if urlsplit(address).scheme not in ("data", "blob", "about"):
                    found.append(address)
        return found


@contextmanager
def opened_page(url: str, *options: str, user: Sequence[str] = ()) -> Iterator[Page]:
    """A browser for a page.

    Args:
        url: The observer's address.
        options: More options of the browser.
        user: A name and a password that the browser gives.
    """
    settings = Options()
    settings.binary_location = chromium()
    for option in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--no-first-run",
        # No other machine has a name, and no name has an address.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        "--window-size=1400,900",
        *options,
    ):
        settings.add_argument(option)
    settings.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=settings, service=Service(program("chromedriver", "chromium-driver")))
    try:
        driver.set_page_load_timeout(_SECONDS)
        if user:
            pair = base64.b64encode(":".join(user).encode()).decode()
            driver.execute_cdp_cmd("Network.enable", {})
            driver.execute_cdp_cmd(
                "Network.setExtraHTTPHeaders", {"headers": {"Authorization": f"Basic {pair}"}}
            )
        yield Page(driver, url)
    finally:
        driver.quit()
