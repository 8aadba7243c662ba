# SPDX-License-Identifier: MIT
"""How much a page takes."""
import urllib.request

import two_hours
from conftest import SONG
from desk import Desk
from quiet_tab import QuietTab

KILOBYTE = 1000


def transferred(url: str) -> int:
    """How many bytes a file takes on its way to a browser."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        return len(answer.read())


def test_the_page_is_small(new_page):
    page = new_page()
    urls = set()
    page.on("request", lambda request: urls.add(request.url))
    desk = Desk(page)
    desk.open(SONG)
    page.wait_for_timeout(500)
    files = [url for url in urls if "/v1/" not in url and url.startswith("http")]
    total = sum(map(transferred, files))
    print(f"page {total / KILOBYTE:.0f} kB in {len(files)} files")
    assert any(url.endswith("mixcore.wasm") for url in files)
    assert total < 200 * KILOBYTE


def test_two_hours_of_stems_take_little_memory(browser):
    # What a tab of this browser has for itself.
    empty = QuietTab(browser, "about:blank").memory
    server = two_hours.start()
    tab = QuietTab(browser, f"http://127.0.0.1:{server.server_port}/")
    tab.evaluate(
        "localStorage.tonmeisterJobs = JSON.stringify([{ id: 'long', name: 'long.wav' }]);"
        "sessionStorage.tonmeisterOpen = JSON.stringify('long'); setTimeout(() => location.reload(), 10)")
    tab.wait(4)
    tab.evaluate("document.querySelector('tm-mixer').session.player.play()")
    memory = []
    for minute in range(0, 120, 12):
        tab.evaluate(f"document.querySelector('tm-mixer').session.player.seek({minute * 60 * two_hours.RATE})")
        tab.wait(1.5)
        memory.append(tab.memory)
    position = tab.evaluate("document.querySelector('tm-mixer').session.player.position")
    server.shutdown()
    print(f"at most {max(memory) / 1e6:.0f} MB, an empty tab {empty / 1e6:.0f} MB")
    assert position > 108 * 60 * two_hours.RATE
    assert max(memory) - empty < 150e6
