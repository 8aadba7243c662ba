# SPDX-License-Identifier: MIT
import wave
from pathlib import Path

import numpy
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from desk import Desk
from server import ROOT, Server

SONG = ROOT / "DemoSong/demo.flac"
SCREENSHOTS = ROOT / ".build/screenshots"


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("service"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"])
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser, server: Server):
    """Makes pages that report every error, and every request that leaves this machine."""
    contexts, troubles = [], []

    def make(width=1280, height=900, context=None, expected=(), **options) -> Page:
        if context is None:
            context = browser.new_context(
                viewport={"width": width, "height": height}, base_url=server.url, **options)
            contexts.append(context)
        page = context.new_page()

        def console(message):
            if message.type == "error" and not any(part in message.text for part in expected):
                troubles.append(message.text)

        def request(made):
            if not made.url.startswith((server.url, "blob:", "data:")):
                troubles.append(f"a request to {made.url}")

        page.on("console", console)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", request)
        page.set_default_timeout(30_000)
        return page

    yield make
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def desk(new_page) -> Desk:
    """A page with the demo song open."""
    desk = Desk(new_page())
    desk.open(SONG)
    return desk


@pytest.fixture
def two_tabs(new_page) -> tuple[Desk, Desk]:
    """Two tabs of one browser with the demo song open."""
    first = Desk(new_page())
    first.open(SONG)
    second = Desk(new_page(context=first.page.context))
    second.page.goto("/")
    second.page.get_by_role("button", name="Open demo.flac").click()
    second.is_open()
    return first, second


@pytest.fixture(scope="session")
def long_song(tmp_path_factory) -> Path:
    """Two minutes that take the server a while: noise under a slow tremolo."""
    path = tmp_path_factory.mktemp("songs") / "long.wav"
    rate, seconds = 44_100, 120
    noise = numpy.random.default_rng(1).normal(0, 0.1, (rate * seconds, 2))
    tremolo = 0.6 + 0.4 * numpy.sin(numpy.arange(rate * seconds) / rate)
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, rate, 0, "NONE", ""))
        file.writeframes((noise * tremolo[:, None] * 32767).clip(-32768, 32767).astype("<i2").tobytes())
    return path


@pytest.fixture
def shoot():
    """Keeps a picture of a page."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return take
