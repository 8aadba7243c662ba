# SPDX-License-Identifier: MIT
"""The whole way of a person, from a song to its files, on three screens."""
import base64
import json
import zipfile

import pytest
from playwright.sync_api import expect

from conftest import SONG
from desk import Desk

SCREENS = {"desk": (1440, 900, "dark"), "tablet": (834, 1112, "light"), "phone": (375, 812, "dark")}


@pytest.mark.parametrize("screen", SCREENS)
def test_from_song_to_files(new_page, shoot, tmp_path, screen):
    width, height, scheme = SCREENS[screen]
    page = new_page(width, height, color_scheme=scheme, reduced_motion="reduce")
    desk = Desk(page)
    page.goto("/")
    shoot(page, f"{screen}-1-start")
    page.set_input_files("#songs", SONG)
    expect(page.locator(".job, tm-strip").first).to_be_visible()
    desk.is_open()
    for stem in ["drums", "bass", "other", "vocals"]:
        expect(desk.fader(stem)).to_be_visible()

    desk.play()
    page.wait_for_function("() => document.querySelector('[data-meter=momentary]').textContent !== '\u2212\u221e'")
    desk.propose()
    shoot(page, f"{screen}-2-decisions")
    desk.tab("Equalizer")
    shoot(page, f"{screen}-3-equalizer")
    desk.tab("Dynamics")
    shoot(page, f"{screen}-4-dynamics")

    desk.fader("vocals").focus()
    page.keyboard.press("0")
    page.keyboard.press("PageUp")
    expect(desk.fader("vocals")).to_have_attribute("aria-valuetext", "+3.0 dB")
    desk.tab("Automatic")
    desk.button("Save as my taste").click()
    expect(page.get_by_text("Saved as your taste")).to_be_visible()
    desk.tab("Taste")
    expect(page.get_by_text("Learned from 1 song")).to_be_visible()
    shoot(page, f"{screen}-5-taste")

    desk.tab("Export")
    shoot(page, f"{screen}-6-export")
    page.get_by_label("Format of the mix").select_option("flac")
    with page.expect_download(timeout=60_000) as mix:
        desk.button("Export the mix").click()
    mix.value.save_as(tmp_path / "mix.flac")
    assert (tmp_path / "mix.flac").read_bytes()[:4] == b"fLaC"
    with page.expect_download() as stems:
        desk.button("Save the stems").click()
    stems.value.save_as(tmp_path / "stems.zip")
    assert len(zipfile.ZipFile(tmp_path / "stems.zip").namelist()) == 4
    with page.expect_download(timeout=60_000) as session:
        desk.button("Save the session").click()
    session.value.save_as(tmp_path / "song.dawproject")
    assert "project.xml" in zipfile.ZipFile(tmp_path / "song.dawproject").namelist()
    with page.expect_download() as plan:
        desk.button("Save the plan").click()
    plan.value.save_as(tmp_path / "plan.json")
    saved = json.loads((tmp_path / "plan.json").read_text())
    assert [track["name"] for track in saved["tracks"]] == ["drums", "bass", "other", "vocals"]
    assert saved["tracks"][3]["gain"] == 3


def test_decisions_have_reasons_and_can_be_left_and_changed(desk):
    page = desk.page
    desk.propose()
    item = page.locator("tm-decisions li").first
    assert len(item.locator(".reason").first.inner_text()) > 10
    box = item.get_by_role("checkbox")
    expect(box).to_be_checked()
    box.uncheck()
    expect(item).to_have_attribute("data-state", "left")
    box.check()
    expect(item).to_have_attribute("data-state", "taken")
    page.keyboard.press("Control+z")
    expect(item).to_have_attribute("data-state", "left")
    fader = page.locator("tm-decisions li", has_text="fader").first
    fader.get_by_role("button", name="change").click()
    page.keyboard.press("PageDown")
    expect(fader).to_have_attribute("data-state", "changed")


def test_decisions_survive_a_reload_and_all_songs(desk):
    page = desk.page
    desk.propose()
    items = page.locator("tm-decisions li")
    count = items.count()
    items.first.get_by_role("checkbox").uncheck()
    for again in (page.reload, lambda: (
            page.get_by_role("button", name="All songs").click(),
            page.get_by_role("button", name="Open demo.flac").click())):
        again()
        desk.is_open()
        desk.tab("Automatic")
        expect(items).to_have_count(count)
        expect(items.first).to_have_attribute("data-state", "left")
        expect(items.nth(1)).to_have_attribute("data-state", "taken")


def test_what_a_mix_by_hand_is_compared_with_is_shown(desk):
    page = desk.page
    desk.session("session.set(['tracks', 0, 'gain'], 1)")
    desk.tab("Automatic")
    desk.button("Save as my taste").click()
    expect(page.get_by_text("Listed is what the automatic mix would do")).to_be_visible()
    assert desk.session("session.plan.tracks.map((track) => track.gain ?? 0)") == [1, 0, 0, 0]
    items = page.locator("tm-decisions li")
    expect(items.first).to_have_attribute("data-state", "left")
    proposed = desk.session("session.proposal.untasted.tracks.map((track) => track.gain ?? 0)")
    listener = json.loads(page.evaluate("localStorage.getItem('tonmeisterListener_me')"))
    gains = {stem["stem"]: stem["gain"] for stem in listener["edits"][0]["stems"]}
    kept = {"drums": 1, "bass": 0, "other": 0, "vocals": 0}
    assert gains == {name: [gain, kept[name]] for name, gain in zip(["drums", "bass", "other", "vocals"], proposed)}


def test_another_tab_has_the_proposal_too(two_tabs):
    first, second = two_tabs
    second.tab("Automatic")
    first.propose()
    expect(second.page.locator("tm-decisions li")).to_have_count(first.page.locator("tm-decisions li").count())


def test_a_plan_with_other_places_of_tracks_is_opened(desk, tmp_path):
    page = desk.page
    tracks = [{"name": name, "gain": gain} for name, gain in (("bass", 1), ("vocals", 2), ("drums", 3), ("other", 4))]
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"version": 1, "tracks": tracks, "master": {}}))
    page.get_by_label("A plan to open").set_input_files(plan)
    expect(page.get_by_text("The plan is open.")).to_be_visible()
    assert desk.session("session.plan.tracks.map((track) => track.gain)") == [3, 1, 4, 2]


def test_a_proposal_that_comes_late_touches_no_other_song(desk):
    page = desk.page
    first = desk.session("session.job.id")
    desk.session("session.set(['tracks', 0, 'gain'], -7)")
    held = []
    page.route("**/v1/plans", lambda route: held.append(route))
    desk.tab("Automatic")
    desk.button("Mix it for me").click()
    page.wait_for_timeout(200)
    page.get_by_role("button", name="All songs").click()
    page.set_input_files("#songs", SONG.parent / "stems/bass.flac")
    desk.is_open()
    second = desk.session("session.job.id")
    with page.expect_response("**/v1/plans"):
        held[0].continue_()
    page.wait_for_timeout(500)
    kept = page.evaluate("id => JSON.parse(localStorage.getItem('tonmeisterPlan_' + id))", first)
    assert kept["tracks"][0]["gain"] == -7
    assert page.evaluate("id => localStorage.getItem('tonmeisterPlan_' + id)", second) is None
    assert desk.session("session.proposal") is None


def test_a_mix_is_proposed_where_taste_and_features_fail(new_page):
    page = new_page(expected=("Failed to load resource",))
    desk = Desk(page)
    desk.open(SONG)
    page.route("**/features", lambda route: route.fulfill(status=500, body="no"))
    page.route("**/taste.wasm", lambda route: route.fulfill(status=500, body="no"))
    desk.propose()
    expect(page.locator("#status")).to_contain_text("not to your taste")
    page.unroute("**/features")
    page.unroute("**/taste.wasm")
    desk.button("Mix it for me").click()
    expect(page.locator("#status")).to_have_text("The mix is proposed. Every decision can be changed.")


def test_a_second_proposal_shows_its_decisions_too(desk):
    desk.propose()
    count = desk.page.locator("tm-decisions li").count()
    with desk.page.expect_response("**/v1/plans"):
        desk.button("Mix it for me").click()
    expect(desk.button("Mix it for me")).to_be_enabled()
    expect(desk.page.locator("tm-decisions li")).to_have_count(count)


def test_a_taste_of_five_songs_changes_the_next_proposal(desk):
    page = desk.page
    gains = []
    desk.propose()
    gains.append(desk.session("session.plan.tracks[3].gain ?? 0"))
    for title in "abcde":
        desk.session("Object.defineProperty(session, 'title', { value: argument, configurable: true })", f"song {title}")
        desk.session("session.setPlan(session.proposal.untasted)")
        desk.session("session.set(['tracks', 3, 'gain'], (session.proposal.untasted.tracks[3].gain ?? 0) + 3)")
        desk.tab("Automatic")
        desk.button("Save as my taste").click()
        page.wait_for_function(
            "title => localStorage.getItem('tonmeisterListener_me')?.includes(title)", arg=f"song {title}")
    desk.session("session.setPlan(session.proposal.untasted)")
    desk.propose()
    page.wait_for_function(
        "() => document.querySelector('tm-mixer').session.proposal.plan.tracks[3].because?.gain?.includes('you like vocals')")
    gains.append(desk.session("session.plan.tracks[3].gain"))
    assert 1.5 < gains[1] - gains[0] <= 3.2
    desk.tab("Taste")
    expect(page.locator("tm-taste li", has_text="vocals").filter(has_text="louder")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    desk.button("Forget everything").click()
    expect(page.get_by_text("Learned from 0 songs")).to_be_visible()
    assert page.evaluate("localStorage.getItem('tonmeisterListener_me')") is None


def test_a_plan_that_is_none_is_refused_in_words_and_not_kept(desk, tmp_path):
    page = desk.page
    before = desk.session("session.plan")
    broken = {**before, "tracks": [{**track, "gain": "loud"} for track in before["tracks"]]}
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(broken))
    desk.tab("Export")
    page.get_by_label("A plan to open").set_input_files(file)
    expect(page.locator("#status")).to_contain_text("tracks[0].gain")
    assert desk.session("session.plan") == before
    page.evaluate(
        "([id, text]) => localStorage.setItem('tonmeisterPlan_' + id, text)",
        [desk.session("session.job.id"), json.dumps(broken)])
    page.reload()
    desk.is_open()
    assert "gain" not in desk.session("session.plan.tracks[0]")


def test_a_vocal_over_its_backing(new_page, shoot):
    page = new_page()
    page.goto("/")
    page.get_by_text("A vocal over a backing").click()
    page.set_input_files("#take-vocal", SONG.parent / "stems/vocals.flac")
    page.set_input_files("#take-backing", SONG.parent / "stems/other.flac")
    page.get_by_label("Late by").fill("250")
    page.get_by_role("button", name="Mix the vocal over the backing").click()
    desk = Desk(page)
    desk.is_open()
    expect(desk.fader("vocal")).to_be_visible()
    expect(desk.fader("backing")).to_be_visible()
    expect(page.locator("tm-decisions .found")).to_contain_text("250 ms late")
    desk.propose()
    shoot(page, "take")
    # The form is for the next take as it was for the first.
    page.get_by_role("button", name="All songs").click()
    expect(page.locator("#take-denoise")).to_be_checked()
    expect(page.locator("#take-debleed")).to_be_checked()
    expect(page.locator("#take-tune")).to_have_value("0")
    expect(page.locator("#take-latency")).to_have_value("")


def test_a_song_can_be_dropped(new_page):
    page = new_page()
    page.goto("/")
    song = base64.b64encode((SONG.parent / "stems/bass.flac").read_bytes()).decode()
    files = page.evaluate_handle(
        "(song) => { const files = new DataTransfer(); const bytes = Uint8Array.from(atob(song), (c) => c.charCodeAt(0));"
        " files.items.add(new File([bytes], 'dropped.flac')); return files; }", song)
    page.dispatch_event("main", "drop", {"dataTransfer": files})
    Desk(page).is_open()
    expect(page.locator("#title")).to_have_text("dropped.flac")


def test_several_songs_wait_in_a_queue(new_page):
    page = new_page()
    page.goto("/")
    stems = SONG.parent / "stems"
    page.set_input_files("#songs", [SONG, stems / "drums.flac", stems / "bass.flac"])
    for name in ["demo.flac", "drums.flac", "bass.flac"]:
        expect(page.locator(".job", has_text=name)).to_contain_text("Ready", timeout=60_000)
    # Who watches several is not taken away from them.
    expect(page.get_by_role("group", name="Master")).to_have_count(0)
    page.get_by_role("button", name="Open drums.flac").click()
    Desk(page).is_open()
