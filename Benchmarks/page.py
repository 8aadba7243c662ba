# SPDX-License-Identifier: MIT
"""How soon the page is there and how smooth it is, in headless Chromium with the real service.

    make bench-page          (--runs 5)

Prints the first paint on loopback, and with four stems of the demo song playing the frames a second and the
page's own work for each.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests/Browser"))

from desk import Desk  # noqa: E402
from server import Server  # noqa: E402

PAINT = """() => new Promise((done) => new PerformanceObserver((list) =>
    done(list.getEntries()[0].startTime)).observe({ type: 'paint', buffered: true }))"""
# The times of frames; Chromium without a screen paints 60 a second at most.
FRAMES = """() => new Promise((done) => {
    const times = [];
    const step = (time) => { times.push(time); times.length <= 300 ? requestAnimationFrame(step) : done(times); };
    requestAnimationFrame(step); })"""
WORK = """() => {
    const mixer = document.querySelector('tm-mixer'), start = performance.now();
    for (let i = 0; i < 100; i++) mixer.frame();
    return (performance.now() - start) / 100; }"""


def measured(browser, url: str) -> tuple[float, float, float]:
    """First paint in ms, frames a second, work for each in ms."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=url)
    page = context.new_page()
    page.goto("/")
    paint = page.evaluate(PAINT)
    desk = Desk(page)
    desk.open(ROOT / "DemoSong/demo.flac")
    desk.play()
    page.wait_for_timeout(500)
    times = page.evaluate(FRAMES)
    result = paint, 1000 * (len(times) - 1) / (times[-1] - times[0]), page.evaluate(WORK)
    context.close()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        server = Server(Path(data))
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"])
        runs = [measured(browser, server.url) for _ in range(options.runs)]
        browser.close()
        server.stop()
    names = ("first paint, ms", "frames a second", "work for a frame, ms")
    for name, values in zip(names, zip(*runs, strict=True), strict=True):
        print(f"{name:<22} {statistics.median(values):7.2f}  ({min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    main()
