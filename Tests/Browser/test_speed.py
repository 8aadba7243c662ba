# SPDX-License-Identifier: MIT
"""How much, how soon, how smooth."""
import json
import re
import struct
from pathlib import Path

from conftest import SONG
from desk import Desk

KILOBYTE = 1000
HOUR = 3600 * 44_100


def test_the_page_is_small_and_soon_there(new_page):
    page = new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes = {}
    urls = {}
    session.on("Network.responseReceived", lambda event: urls.update({event["requestId"]: event["response"]["url"]}))
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    desk = Desk(page)
    page.goto("/")
    paint = page.evaluate(
        "() => new Promise((done) => new PerformanceObserver((list) => done(list.getEntries()[0].startTime))"
        ".observe({ type: 'paint', buffered: true }))")
    assert paint < 1000
    desk.open(SONG)
    page.wait_for_timeout(500)
    parts = {urls[key]: size for key, size in sizes.items() if "/v1/" not in urls.get(key, "/v1/")}
    total = sum({re.sub(r"\?.*", "", url): size for url, size in parts.items()}.values())
    print(f"first paint {paint:.0f} ms, page {total / KILOBYTE:.0f} kB in {len(parts)} files")
    assert total < 200 * KILOBYTE


def test_it_is_smooth_while_playing(desk):
    desk.play()
    desk.page.wait_for_timeout(500)
    frames = desk.page.evaluate(
        "() => new Promise((done) => { const times = []; const step = (time) => { times.push(time);"
        " if (times.length <= 120) requestAnimationFrame(step); else done(times); }; requestAnimationFrame(step); })")
    seconds = (frames[-1] - frames[0]) / 1000
    print(f"{120 / seconds:.1f} frames a second")
    # Headless Chromium paints 60 times a second at most; a busy machine may drop some.
    assert 120 / seconds > 50
    work = desk.page.evaluate(
        "() => { const mixer = document.querySelector('tm-mixer'); const start = performance.now();"
        " for (let i = 0; i < 100; i++) mixer.frame(); return (performance.now() - start) / 100; }")
    print(f"{work:.2f} ms a frame")
    assert work < 8


def resident(pid: int) -> int:
    """Memory of a process that is its own, in bytes."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return 1024 * sum(int(size) for size in re.findall(r"Private_(?:Clean|Dirty):\s+(\d+)", text))


def renderer(page) -> int:
    """The process of a page: the renderer that grew last."""
    session = page.context.browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return max((process["id"] for process in processes if process["type"] == "renderer"), key=resident)


def test_an_hour_of_stems_takes_little_memory(new_page):
    """The files are made up by the test, so that nothing has to be taken apart for it."""
    page = new_page()
    header = b"RIFF\xff\xff\xff\xffWAVEfmt " + struct.pack("<IHHIIHH", 16, 3, 2, 44_100, 8 * 44_100, 8, 32)
    header += b"data" + struct.pack("<I", 8 * HOUR)
    tone = struct.pack("<ff", 0.05, -0.05) * 4096
    names = ["drums", "bass", "other", "vocals"]

    def audio(route):
        first, last = map(int, re.match(r"bytes=(\d+)-(\d+)", route.request.headers["range"]).groups())
        size = last + 1 - first
        body = (header + tone)[first:last + 1] if first == 0 else (tone * (size // len(tone) + 1))[:size]
        route.fulfill(status=206, body=body, headers={"Content-Type": "audio/wav", "Content-Range": f"bytes {first}-{last}/{44 + 8 * HOUR}"})

    def peaks(route):
        points = int(re.search(r"points=(\d+)", route.request.url)[1])
        route.fulfill(json={"points": points, "framesPerPoint": HOUR / points, "minimum": [-0.05] * points, "maximum": [0.05] * points})

    job = {
        "id": "hour", "version": 1, "kind": "separation", "state": "succeeded", "input": {"name": "hour.wav", "durationSeconds": 3600},
        "stems": [{"name": name, "url": f"/v1/jobs/hour/stems/{name}", "peaksURL": f"/v1/jobs/hour/stems/{name}/peaks",
                   "sampleRate": 44_100, "channelCount": 2, "frameCount": HOUR} for name in names],
        "original": {"url": "/v1/jobs/hour/original", "peaksURL": "/v1/jobs/hour/original/peaks"}}
    page.route(re.compile("/v1/jobs/hour/(stems/[a-z]+|original)$"), audio)
    page.route(re.compile("/v1/jobs/hour/.*/peaks"), peaks)
    page.route(re.compile("/v1/jobs/hour/meters"), lambda route: route.fulfill(json={"stems": {}}))
    page.route(re.compile("/v1/jobs/hour/events"), lambda route: route.fulfill(
        body=f"event: job\ndata: {json.dumps(job)}\n\n", headers={"Content-Type": "text/event-stream"}))
    page.add_init_script(
        "localStorage.tonmeisterJobs = JSON.stringify([{ id: 'hour', name: 'hour.wav' }]);"
        "sessionStorage.tonmeisterOpen = JSON.stringify('hour'); window.Worker = undefined;")
    page.goto("/")
    desk = Desk(page)
    desk.is_open()
    desk.play()
    most = 0
    for minute in range(0, 60, 4):
        desk.session(f"session.player.seek({minute * 60 * 44_100})")
        page.wait_for_timeout(700)
        most = max(most, resident(renderer(page)))
    assert desk.session("session.player.position") > 55 * 60 * 44_100
    print(f"{most / 1e6:.0f} MB")
    assert most < 150e6
