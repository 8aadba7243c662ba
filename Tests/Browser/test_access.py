# SPDX-License-Identifier: MIT
"""The page for those who do not use a mouse, or do not see it."""
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from conftest import SONG
from desk import Desk

TABS = ["Automatic", "Equalizer", "Dynamics", "Room", "Taste", "Export"]


def violations(page) -> list:
    result = Axe().run(page)
    return [
        f"{found['id']}: {node['html'][:160]}"
        for found in result.response["violations"] for node in found["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(new_page, scheme):
    page = new_page(color_scheme=scheme)
    desk = Desk(page)
    page.goto("/")
    page.get_by_text("A vocal over a backing").click()
    assert violations(page) == []
    desk.open(SONG)
    desk.propose()
    expect(page.locator("#status")).to_be_empty(timeout=10_000)
    for tab in TABS:
        desk.tab(tab)
        page.wait_for_timeout(200)
        assert violations(page) == [], tab
    page.keyboard.press("?")
    assert violations(page) == []


def test_everything_can_be_done_by_keyboard(new_page):
    page = new_page(390, 844)
    desk = Desk(page)
    desk.open(SONG)
    page.locator("body").press("4")
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Mute vocals")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Solo vocals")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("1")
    page.keyboard.press("ArrowUp")
    expect(desk.fader("drums")).to_have_attribute("aria-valuetext", "+0.5 dB")
    page.keyboard.press("Control+z")
    expect(desk.fader("drums")).to_have_attribute("aria-valuetext", "0.0 dB")
    page.keyboard.press("Control+y")
    expect(desk.fader("drums")).to_have_attribute("aria-valuetext", "+0.5 dB")
    page.keyboard.press("ArrowRight")
    assert 4.9 < desk.seconds < 5.1
    page.keyboard.press(" ")
    page.wait_for_function("() => document.querySelector('tm-mixer').session.player.position > 5.3 * 44100")
    page.keyboard.press(" ")
    page.keyboard.press("l")
    expect(desk.button("Loop (L)")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Hear the original")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_have_count(0)


def test_tab_reaches_every_control_in_order_and_focus_is_seen(desk):
    page = desk.page
    page.locator("body").focus()
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(
            "() => { const e = document.activeElement; return [e.getAttribute('aria-label') ?? e.textContent.trim().slice(0, 40),"
            " getComputedStyle(e).outlineStyle]; }"))
        if seen[-1][0] == "Help and keys (?)" and len(seen) > 5:
            break
    names = [name for name, _ in seen]
    for wanted in ["Play (Space)", "Position in the song", "Mute drums", "Level of vocals", "Level of the master", "Mix it for me"]:
        assert wanted in names, names
    assert names.index("Play (Space)") < names.index("Mute drums") < names.index("Mix it for me")
    assert all(outline != "none" for name, outline in seen if name in ("Play (Space)", "Mute drums", "Level of vocals"))


def test_readers_hear_of_songs_when_something_has_come_of_them(new_page):
    page = new_page()
    page.goto("/")
    page.evaluate(
        "() => { window.heard = []; new MutationObserver(() => heard.push(document.querySelector('tm-jobs [role=status]')"
        ".textContent)).observe(document.querySelector('tm-jobs [role=status]'), { childList: true, subtree: true }); }")
    page.set_input_files("#songs", SONG)
    Desk(page).is_open()
    heard = page.evaluate("heard")
    assert heard[-1].startswith("demo.flac: Ready")
    assert len(heard) <= 3, heard
    page.get_by_role("button", name="All songs").click()
    expect(page.locator(".job [role=status]")).to_have_count(0)
    page.get_by_role("button", name="Remove demo.flac").press("Enter")
    expect(page.locator("#songs")).to_be_focused()


def test_the_focus_stays_where_lists_are_built_anew(desk):
    page = desk.page
    page.evaluate(
        "() => localStorage.setItem('userModel_me', JSON.stringify([[23, 64], [64], [64, 32], [32], [32, 16], [16], [16, 4], [4]]"
        ".map((shape) => ({ shape, data: Array(shape.reduce((a, b) => a * b)).fill(0.01) }))))")
    for title in "ab":
        desk.session("Object.defineProperty(session, 'title', { value: argument, configurable: true })", title)
        page.locator("body").press("ArrowUp")
        desk.button("Save as my taste").click()
        page.wait_for_function(
            "title => localStorage.getItem('tonmeisterListener_me')?.includes(`\"title\":\"${title}\"`)", arg=title)
    desk.tab("Taste")
    page.get_by_role("radio", name="what you change about proposals").click()
    page.wait_for_function("() => JSON.parse(localStorage.getItem('tonmeisterListener_me')).learner === 'residual'")
    page.wait_for_timeout(500)
    expect(page.get_by_role("radio", name="what you change about proposals")).to_be_focused()
    desk.button("Forget a").press("Enter")
    expect(desk.button("Forget b")).to_be_focused()
    desk.button("Forget b").press("Enter")
    expect(page.get_by_role("heading", name="Learned from 0 songs")).to_be_focused()


def test_the_equalizer_is_drawn_and_dragged_and_typed(desk):
    page = desk.page
    desk.tab("Equalizer")
    desk.button("Add a band").click()
    node = page.get_by_role("button", name="Band 1: 1.00 kHz")
    expect(node).to_be_visible()
    box = node.bounding_box()
    page.mouse.move(box["x"] + 14, box["y"] + 14)
    page.mouse.down()
    page.mouse.move(box["x"] + 74, box["y"] - 26, steps=5)
    page.mouse.up()
    band = desk.session("session.plan.tracks[session.selection].equalizer[0]")
    assert band["frequency"] > 1300 and band["gain"] > 2
    page.locator(".node").first.press("ArrowDown")
    assert desk.session("session.plan.tracks[session.selection].equalizer[0].gain") == pytest.approx(band["gain"] - 0.5)
    page.get_by_label("Hz of band 1").fill("5000")
    page.get_by_label("Hz of band 1").press("Enter")
    assert desk.session("session.plan.tracks[session.selection].equalizer[0].frequency") == 5000
    page.locator("tm-equalizer .node").first.press("Delete")
    assert desk.session("session.plan.tracks[session.selection].equalizer.length") == 0


def test_the_compressor_is_drawn_and_dragged(desk):
    page = desk.page
    desk.tab("Dynamics")
    page.get_by_role("checkbox", name="Compressor").check()
    handle = page.get_by_role("button", name="Threshold")
    box = handle.bounding_box()
    page.mouse.move(box["x"] + 14, box["y"] + 14)
    page.mouse.down()
    page.mouse.move(box["x"] - 46, box["y"] + 14, steps=4)
    page.mouse.up()
    assert desk.session("session.plan.tracks[session.selection].compressor.threshold") < -30
    handle.press("ArrowUp")
    assert desk.session("session.plan.tracks[session.selection].compressor.ratio") == pytest.approx(1.9)


def test_every_value_can_be_changed(desk):
    page = desk.page
    switches = {
        "Equalizer": ["Low cut", "High cut"], "Room": ["Send into the room", "Low cut of the room"],
        "Dynamics": ["Compressor", "Gate", "De-esser", "Saturation"],
    }

    def move_all(tab: str, names: list[str]) -> None:
        desk.tab(tab)
        for name in names:
            page.get_by_role("checkbox", name=name, exact=True).check()
        for slider in page.get_by_role("tabpanel").get_by_role("slider").all():
            slider.press("End")
            slider.press("ArrowLeft")

    page.locator("body").press("4")
    for tab, names in switches.items():
        move_all(tab, names)
    page.get_by_label("Listens to").select_option("drums")
    desk.tab("Room")
    page.get_by_role("slider", name="Room: Decay", exact=True).dblclick()
    page.get_by_role("button", name="master", exact=True).click()
    move_all("Dynamics", ["Compressor", "Loudness target", "Limiter"])

    plan = desk.session("session.plan")
    track, room, master = plan["tracks"][3], plan["reverb"], plan["master"]
    assert set(track) >= {"highPass", "lowPass", "compressor", "gate", "deEsser", "saturation", "reverbSend", "width"}
    assert track["gate"]["hold"] == 995 and track["highPass"]["slope"] == 12
    assert 19_000 < track["lowPass"]["frequency"] < 20_000
    assert track["compressor"]["sideChain"] == "drums" and track["reverbSend"] == 11.5
    assert len(room) == 10 and room["decayMid"] == 1.5 and 9.8 < room["decayLow"] < 10
    assert master["loudness"] == -6.5 and master["limiter"]["ceiling"] == -0.1
    # The service takes it as it is.
    status = page.evaluate(
        "async () => { const { job, plan } = document.querySelector('tm-mixer').session;"
        " const body = JSON.stringify({ job: job.id, plan });"
        " return (await fetch('/v1/mixes', { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })).status; }")
    assert status == 202


def test_a_fader_resets_by_double_click(desk):
    fader = desk.fader("bass")
    fader.focus()
    desk.page.keyboard.press("Home")
    expect(fader).to_have_attribute("aria-valuetext", "silent")
    fader.dblclick()
    expect(fader).to_have_attribute("aria-valuetext", "0.0 dB")


def test_the_theme_is_kept(new_page):
    page = new_page(color_scheme="light")
    page.goto("/")
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("localStorage.museTheme") == "dark"
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_nothing_is_wider_than_a_phone(new_page):
    page = new_page(360, 740)
    desk = Desk(page)
    desk.open(SONG)
    desk.propose()
    for tab in TABS:
        desk.tab(tab)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, tab
