# SPDX-License-Identifier: MIT
"""What is heard: the same samples as the server's, in step, without gaps."""
import base64
import json
import time

import numpy
from playwright.sync_api import expect

from conftest import SONG
from desk import Desk

RENDER = """async ([urls, plan, start, end]) => {
  const { WindowLoader } = await import('/audio/loader.js');
  const { renderPart } = await import('/audio/offline.js');
  const loader = await WindowLoader.open(urls);
  const [left, right] = await renderPart(loader, plan, { start, end });
  const bytes = new Uint8Array(new Float32Array([...left, ...right]).buffer);
  let text = '';
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}"""


LOOP = """async ([urls, plan, loop, frames]) => {
  const { WindowLoader } = await import('/audio/loader.js');
  const { wasmModule } = await import('/audio/modules.js');
  const loader = await WindowLoader.open(urls);
  const windows = [];
  for (const index of [0, 1, 2, 3, 4]) windows.push([index, await loader.load(index)]);
  const context = new OfflineAudioContext(2, frames, loader.sampleRate);
  await context.audioWorklet.addModule('/audio/worklet.js');
  const node = new AudioWorkletNode(context, 'tonmeister-mixer', {
    numberOfInputs: 0, outputChannelCount: [2],
    processorOptions: {
      module: await wasmModule('mixcore'), plan: new TextEncoder().encode(JSON.stringify(plan)),
      frameCount: loader.frameCount, windows, isPlaying: true, loop,
    },
  });
  node.connect(context.destination);
  const buffer = await context.startRendering();
  return [...buffer.getChannelData(0)];
}"""


def render(desk: Desk, plan: dict, start: int, end: int) -> numpy.ndarray:
    urls = desk.session("[...session.job.stems.map((stem) => stem.url), session.job.original.url]")
    text = desk.page.evaluate(RENDER, [urls, plan, start, end])
    return numpy.frombuffer(base64.b64decode(text), "<f4").reshape(2, -1).T


def float_wav(data: bytes) -> numpy.ndarray:
    start = data.index(b"data") + 8
    return numpy.frombuffer(data[start:], "<f4", 2 * ((len(data) - start) // 8)).reshape(-1, 2)


def server_mix(server, job: str, plan: dict) -> numpy.ndarray:
    mix = server.post("/v1/mixes", {
        "job": job, "plan": plan, "format": "wav", "encoding": "float32", "normalize": "none"})
    while mix["state"] not in ("succeeded", "failed"):
        time.sleep(0.1)
        mix = json.loads(server.get(f"/v1/jobs/{mix['id']}"))
    return float_wav(server.get(mix["mixURL"]))


def decibels(difference: numpy.ndarray, reference: numpy.ndarray) -> float:
    return 20 * numpy.log10(numpy.sqrt((difference**2).mean()) / numpy.sqrt((reference**2).mean()) + 1e-12)


def test_the_browser_renders_what_the_server_exports(desk, server):
    desk.propose()
    plan = desk.session("session.plan")
    file = server_mix(server, desk.session("session.job.id"), plan)
    own = render(desk, plan, 0, len(file))
    assert len(own) == len(file)
    difference = decibels(own - file, file)
    print(f"{difference:.0f} dB")
    assert difference < -80
    # From the middle on, after a few seconds of run-up.
    start, end = 9 * 44_100, 14 * 44_100
    assert decibels(render(desk, plan, start, end) - file[start:end], file[start:end]) < -80


def test_the_sum_of_the_stems_is_the_song(desk):
    names = desk.session("session.names")
    plan = {"version": 1, "tracks": [{"name": name} for name in names], "master": {}}
    own = render(desk, plan, 0, 5 * 44_100)
    urls = desk.session("session.job.original.url")
    original = float_wav(desk.page.request.get(urls).body())[: len(own)]
    assert decibels(own - original, original) < -60


def test_the_background_meter_finds_the_gain_of_the_server(desk, server):
    desk.propose()
    plan = desk.session("session.plan")
    mix = server.post("/v1/mixes", {
        "job": desk.session("session.job.id"), "plan": plan, "format": "wav", "encoding": "float32",
        "normalize": "loudness"})
    while mix["state"] not in ("succeeded", "failed"):
        time.sleep(0.1)
        mix = json.loads(server.get(f"/v1/jobs/{mix['id']}"))
    with_gain = float_wav(server.get(mix["mixURL"]))
    without = server_mix(server, desk.session("session.job.id"), {**plan, "master": {}})
    # Where it is soft the limiter rests, and the gain shows.
    quiet = slice(44_100 // 2, 44_100)
    shown = 20 * numpy.log10(
        numpy.sqrt((with_gain[quiet] ** 2).mean()) / numpy.sqrt((without[quiet] ** 2).mean()))
    # The meter begins when nothing has changed for a moment, and takes its time.
    for _ in range(300):
        gain = desk.session("session.loudnessGainDB")
        if gain is not None and abs(shown - gain) < 0.2:
            break
        desk.page.wait_for_timeout(100)
    assert abs(shown - gain) < 0.2


def test_playing_goes_on_and_seeking_lands(desk):
    desk.play()
    desk.page.wait_for_function("() => document.querySelector('tm-mixer').session.player.position > 44100")
    desk.session("session.player.seek(15 * 44100)")
    desk.page.wait_for_function("() => document.querySelector('tm-mixer').session.player.position > 15.2 * 44100")
    desk.pause()
    assert desk.seconds > 15
    at = desk.seconds
    desk.page.wait_for_timeout(300)
    assert abs(desk.seconds - at) < 0.15


def test_a_loop_has_no_gap_and_no_click(desk):
    start, end, frames = 100_001, 150_003, 260_000
    names = desk.session("session.names")
    plan = {"version": 1, "tracks": [{"name": name} for name in names], "master": {}}
    urls = desk.session("[...session.job.stems.map((stem) => stem.url), session.job.original.url]")
    heard = numpy.array(desk.page.evaluate(LOOP, [urls, plan, {"start": start, "end": end}, frames]))
    song = render(desk, plan, 0, end)[:, 0]
    around = song[start:]
    expected = numpy.concatenate([song] + [around] * 4)
    delay = int(numpy.argmax(numpy.abs(heard) > 0)) - int(numpy.argmax(numpy.abs(expected) > 0))
    assert 0 < delay < 200
    assert numpy.abs(heard[delay:] - expected[: frames - delay]).max() < 1e-6


def test_a_loop_goes_round_without_waiting(desk):
    desk.session("session.player.setLoop({ start: 44100 * 6, end: 44100 * 7 })")
    desk.session("session.player.seek(44100 * 6)")
    desk.play()
    positions = []
    for _ in range(14):
        desk.page.wait_for_timeout(150)
        positions.append(desk.session("session.player.position") / 44_100)
    assert all(5.98 <= position <= 7.02 for position in positions)
    assert any(later < earlier for earlier, later in zip(positions, positions[1:]))
    assert not desk.session("session.player.isWaiting")


def test_the_original_is_heard_at_the_loudness_of_the_mix(desk):
    desk.button("Hear the original at the same loudness (A)").click()
    expect(desk.page.get_by_text("as loud as the mix")).to_be_visible()
    gains = desk.session("session.comparison")
    assert 0 < gains["original"] < 4


def test_meters_show_levels_and_reduction(desk):
    desk.propose()
    desk.session("session.player.seek(10 * 44100)")
    desk.play()
    desk.page.wait_for_timeout(3600)
    assert -30 < desk.meter("momentary") < 0
    assert -30 < desk.meter("short") < 0
    assert -30 < desk.meter("integrated") < 0
    assert -30 < desk.meter("peak") <= -0.9
    assert float(desk.page.get_by_role("meter", name="Signal of drums").get_attribute("aria-valuenow")) > -60


def test_without_worklets_gains_are_heard(new_page):
    page = new_page()
    page.add_init_script("delete window.AudioWorkletNode")
    desk = Desk(page)
    desk.open(SONG)
    expect(page.get_by_text("Only faders and pan are heard here")).to_be_visible()
    desk.play()
    page.wait_for_timeout(1500)
    assert desk.seconds > 0.5
    desk.fader("drums").focus()
    page.keyboard.press("PageDown")
    desk.session("session.player.seek(20 * 44100)")
    page.wait_for_timeout(700)
    assert desk.seconds > 20
