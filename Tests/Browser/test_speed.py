# SPDX-License-Identifier: MIT
"""How much, how soon, how smooth."""
import urllib.request

import hour
from conftest import SONG
from desk import Desk
from quiet_tab import QuietTab

KILOBYTE = 1000


def transferred(url: str) -> int:
    """How many bytes a file takes on its way to a browser."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        return len(answer.read())


def test_the_page_is_small_and_soon_there(new_page):
    page = new_page()
    urls = set()
    page.on("request", lambda request: urls.add(request.url))
    desk = Desk(page)
    page.goto("/")
    paint = page.evaluate(
        "() => new Promise((done) => new PerformanceObserver((list) => done(list.getEntries()[0].startTime))"
        ".observe({ type: 'paint', buffered: true }))")
    assert paint < 1000
    desk.open(SONG)
    page.wait_for_timeout(500)
    files = [url for url in urls if "/v1/" not in url and url.startswith("http")]
    total = sum(map(transferred, files))
    print(f"first paint {paint:.0f} ms, page {total / KILOBYTE:.0f} kB in {len(files)} files")
    assert any(url.endswith("mixcore.wasm") for url in files)
    assert total < 200 * KILOBYTE


def test_it_is_smooth_while_playing(desk):
    desk.play()
    desk.page.wait_for_timeout(500)
    frames = desk.page.evaluate(
        "() => new Promise((done) => { const times = []; const step = (time) => { times.push(time);"
        " if (times.length <= 120) requestAnimationFrame(step); else done(times); }; requestAnimationFrame(step); })")
    rate = 120_000 / (frames[-1] - frames[0])
    work = desk.page.evaluate(
        "() => { const mixer = document.querySelector('tm-mixer'); const start = performance.now();"
        " for (let i = 0; i < 100; i++) mixer.frame(); return (performance.now() - start) / 100; }")
    print(f"{rate:.1f} frames a second, {work:.2f} ms of work for each")
    # Headless Chromium paints 60 times a second at most; a busy machine drops some.
    assert rate > 50
    assert work < 8


def test_an_hour_of_stems_takes_little_memory(browser):
    server = hour.start()
    tab = QuietTab(browser, f"http://127.0.0.1:{server.server_port}/")
    tab.evaluate(
        "localStorage.tonmeisterJobs = JSON.stringify([{ id: 'hour', name: 'hour.wav' }]);"
        "sessionStorage.tonmeisterOpen = JSON.stringify('hour'); setTimeout(() => location.reload(), 10)")
    tab.wait(4)
    tab.evaluate("document.querySelector('tm-mixer').session.player.play()")
    memory = []
    for minute in range(0, 60, 6):
        tab.evaluate(f"document.querySelector('tm-mixer').session.player.seek({minute * 60 * hour.RATE})")
        tab.wait(1.5)
        memory.append(tab.memory)
    position = tab.evaluate("document.querySelector('tm-mixer').session.player.position")
    server.shutdown()
    print(f"at most {max(memory) / 1e6:.0f} MB")
    assert position > 54 * 60 * hour.RATE
    assert max(memory) < 150e6
