# SPDX-License-Identifier: MIT
"""What happens when things go wrong on the way."""
import shutil

import pytest
from playwright.sync_api import expect

from conftest import SONG
from desk import Desk
from server import Server

REFUSED = ("Failed to load resource", "ERR_CONNECTION_REFUSED", "net::ERR")


@pytest.fixture
def mortal_server(tmp_path):
    server = Server(tmp_path)
    yield server
    server.stop()


def test_a_reload_finds_the_job_again(new_page, long_song):
    page = new_page()
    desk = Desk(page)
    page.goto("/")
    page.set_input_files("#songs", long_song)
    expect(page.locator(".job")).to_contain_text("%")
    expect(page.locator(".job-state", has_text="Uploading")).to_have_count(0)
    page.wait_for_function("() => JSON.parse(localStorage.tonmeisterJobs ?? '[]').length === 1")
    page.reload()
    expect(page.locator(".job")).to_contain_text("Ready", timeout=60_000)
    desk.button("Open long.wav").click()
    desk.is_open()
    desk.session("session.set(['tracks', 0, 'gain'], -7)")
    page.reload()
    desk.is_open()
    assert desk.session("session.plan.tracks[0].gain") == -7


def test_a_job_can_be_cancelled(new_page, long_song, tmp_path):
    page = new_page()
    page.goto("/")
    # Other bytes than in other tests, which the server would know already.
    song = tmp_path / "cancelled.wav"
    song.write_bytes(long_song.read_bytes() + b"\0\0")
    page.set_input_files("#songs", song)
    expect(page.locator(".job")).to_contain_text("%")
    page.get_by_role("button", name="Cancel cancelled.wav").click()
    expect(page.locator(".job")).to_have_count(0)
    assert page.evaluate("JSON.parse(localStorage.tonmeisterJobs ?? '[]').length") == 0


def test_a_killed_server_is_survived(new_page, mortal_server, browser, long_song):
    context = browser.new_context(base_url=mortal_server.url)
    page = context.new_page()
    page.goto("/")
    page.set_input_files("#songs", long_song)
    page.wait_for_function("() => JSON.parse(localStorage.tonmeisterJobs ?? '[]').length === 1")
    expect(page.locator(".job")).to_contain_text("Taking apart")
    mortal_server.kill()
    expect(page.locator(".job")).to_contain_text("does not answer")
    mortal_server.start()
    Desk(page).is_open()
    context.close()


def test_playing_waits_for_a_server_that_comes_back(mortal_server, browser):
    context = browser.new_context(base_url=mortal_server.url)
    desk = Desk(context.new_page())
    desk.open(SONG)
    desk.page.wait_for_timeout(2500)
    mortal_server.kill()
    desk.session("session.player.seek(18 * 44100)")
    desk.play()
    expect(desk.page.get_by_text("Loading")).to_be_visible()
    mortal_server.start()
    expect(desk.page.get_by_text("Loading")).to_have_count(0, timeout=20_000)
    desk.page.wait_for_function("() => document.querySelector('tm-mixer').session.player.position > 18.5 * 44100")
    context.close()


def test_a_song_that_is_gone_stops_and_says_so(new_page):
    page = new_page(expected=REFUSED)
    desk = Desk(page)
    desk.open(SONG)
    page.wait_for_timeout(1000)
    asked = []
    page.route("**/stems/*", lambda route: (asked.append(1), route.fulfill(
        status=410, content_type="application/problem+json", body='{"detail": "It has expired."}')))
    desk.session("session.player.seek(18 * 44100)")
    desk.play()
    expect(page.locator("#status")).to_contain_text("It has expired.")
    expect(desk.button("Play (Space)")).to_be_visible()
    count = len(asked)
    page.wait_for_timeout(1500)
    assert len(asked) == count


def test_a_server_that_asks_for_a_token_gets_it_with_every_request(browser, tmp_path):
    server = Server(tmp_path, token="open-sesame-0123456789")
    context = browser.new_context(base_url=server.url)
    page = context.new_page()
    page.goto("/")
    for token in ["wrong", "open-sesame-0123456789"]:
        page.get_by_label("Token", exact=True).fill(token)
        page.get_by_role("button", name="Use it").click()
        page.wait_for_timeout(300)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.set_input_files("#songs", SONG)
    desk = Desk(page)
    desk.is_open()
    desk.play()
    page.wait_for_function("() => document.querySelector('tm-mixer').session.player.position > 44100")
    desk.tab("Export")
    with page.expect_download(timeout=60_000) as download:
        desk.button("Save the stems").click()
    assert download.value.suggested_filename.endswith(".zip")
    context.close()
    server.stop()


def test_a_browser_that_keeps_nothing_can_mix(new_page):
    page = new_page()
    page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name,"
        " { get() { throw new DOMException('Denied.', 'SecurityError'); } });")
    desk = Desk(page)
    desk.open(SONG)
    desk.propose()
    desk.button("Save as my taste").click()
    expect(page.get_by_text("Saved as your taste")).to_be_visible()
    desk.tab("Taste")
    expect(page.get_by_text("Learned from 1 song")).to_be_visible()


def test_two_tabs_have_songs_of_their_own_and_one_taste(new_page):
    first = Desk(new_page())
    first.open(SONG)
    second = Desk(new_page(context=first.page.context))
    second.open(SONG.parent / "stems/drums.flac")
    for desk, title in [(first, "one"), (second, "two")]:
        desk.session("Object.defineProperty(session, 'title', { value: argument })", title)
        desk.propose()
        desk.button("Save as my taste").click()
        expect(desk.page.get_by_text("Saved as your taste")).to_be_visible()
    first.tab("Taste")
    expect(first.page.get_by_text("Learned from 2 songs")).to_be_visible()
    first.page.reload()
    first.is_open()
    assert first.page.locator("#title").inner_text() == "demo.flac"


def test_a_hostile_file_name_is_text(new_page, tmp_path, shoot):
    name = "<img src=x onerror=alert(1)>\u202e\u00e4 'quoted\" & %2e%2e .flac"
    song = tmp_path / name
    shutil.copy(SONG.parent / "stems/bass.flac", song)
    page = new_page()
    alerts = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    desk = Desk(page)
    desk.open(song)
    expect(page.locator("#title")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("img").count() == 0
    desk.tab("Export")
    with page.expect_download(timeout=60_000) as download:
        desk.button("Export the mix").click()
    assert "/" not in download.value.suggested_filename
    shoot(page, "hostile-name")
    page.get_by_role("button", name="All songs").click()
    expect(page.locator(".job-name").first).to_contain_text("<img src=x")
    assert alerts == []


def test_what_is_no_song_is_refused_in_words(new_page, tmp_path):
    page = new_page(expected=REFUSED)
    page.goto("/")
    text = tmp_path / "notes.wav"
    text.write_text("This is no sound at all. " * 100)
    page.set_input_files("#songs", text)
    expect(page.locator('.job[data-state="failed"] .job-state')).to_contain_text(".")


def test_nothing_is_asked_of_other_machines_and_no_script_is_inline(new_page, server):
    page = new_page()
    page.goto("/")
    assert page.locator("script:not([src]), style, [style], [onclick]").count() == 0
    policy = page.request.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe-inline" not in policy


def test_two_tabs_with_one_song_follow_each_other(two_tabs):
    first, second = two_tabs

    def gain(desk, track):
        return desk.session(f"session.plan.tracks[{track}].gain ?? 0")

    def waits_for(desk, track, value):
        desk.page.wait_for_function(
            "([track, value]) => document.querySelector('tm-mixer').session.plan.tracks[track].gain === value",
            arg=[track, value])

    # A fader that is dragged in one tab ends where it was left, in both.
    first.session("[...Array(20).keys()].forEach((step) => session.set(['tracks', 0, 'gain'], -step / 2))")
    waits_for(second, 0, -9.5)
    second.session("session.set(['tracks', 1, 'gain'], 3)")
    waits_for(first, 1, 3)
    first.page.wait_for_timeout(1000)
    assert [gain(desk, track) for desk in (first, second) for track in (0, 1)] == [-9.5, 3, -9.5, 3]
    # What came from the other tab is one step.
    second.session("(session.undo(), session.undo())")
    assert [gain(second, 0), gain(second, 1)] == [0, 0]
    first.page.reload()
    first.is_open()
    assert gain(first, 0) == 0
