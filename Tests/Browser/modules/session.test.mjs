// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";
import { PlainPlayer } from "../../../Browser/Page/Resources/audio/plain-player.js";
import { neutralPlan } from "../../../Browser/Page/Resources/state/plan.js";
import { presets } from "../../../Browser/Page/Resources/state/presets.js";
import { Session } from "../../../Browser/Page/Resources/state/session.js";

globalThis.requestAnimationFrame = (body) => { body(); return 0; };
globalThis.cancelAnimationFrame = () => {};

const meters = { original: { integratedLUFS: -20, truePeakDBTP: -1 }, stems: { a: { integratedLUFS: -18 } } };

function session(plan = neutralPlan(["a"])) {
  const told = {};
  const player = {
    setPlan: (value) => { told.plan = value; },
    setLoudnessGain: (value) => { told.gainDB = value; },
    setMonitor: (original, gains) => { Object.assign(told, { original, gains }); },
  };
  const job = { id: "x", stems: [{ name: "a" }], original: {} };
  return { told, session: new Session(job, player, meters, plan) };
}

test("the mix comes down for the original only while the two are compared", () => {
  const { told, session: song } = session();
  assert.equal(told.gains.mix, 1);
  song.listenToOriginal(true);
  assert.ok(Math.abs(20 * Math.log10(told.gains.mix) - -5) < 1e-9);
  song.listenToOriginal(false);
  assert.ok(told.gains.mix < 1);
  song.set(["tracks", 0, "pan"], 0.5);
  assert.equal(told.gains.mix, 1);
});

test("what the limiter has cost counts for the loudness at which it was measured", () => {
  const { told, session: song } = session();
  song.setMeasured(song.plan, { lufs: -18, gainDB: 6 });
  assert.ok(Math.abs(told.gainDB - 6) < 1e-9);
  song.set(["master", "loudness"], -23);
  assert.ok(Math.abs(told.gainDB - -5) < 1e-9);
  song.undo();
  assert.ok(Math.abs(told.gainDB - 6) < 1e-9);
});

test("several values of a section that are dragged together are one step", () => {
  const { session: song } = session({ ...neutralPlan(["a"]), tracks: [{ name: "a", compressor: { because: { ratio: "so" } } }] });
  const section = ["tracks", 0, "compressor"];
  for (const step of [1, 2, 3]) song.setAll(section, { threshold: -20 - step, ratio: 2 + step });
  assert.deepEqual(song.plan.tracks[0].compressor, { threshold: -23, ratio: 5, because: {} });
  song.undo();
  assert.ok(!song.canUndo);
});

test("a preset after a preset begins where that began, unless something was changed", () => {
  const { session: song } = session(neutralPlan(["vocals", "drums"]));
  const apply = (id) => song.apply(presets.find((preset) => preset.id === id));
  apply("sing-along");
  assert.equal(song.plan.tracks[0].gain, -12);
  apply("no-drums");
  assert.deepEqual([song.plan.tracks[0].gain, song.plan.tracks[1].mute], [undefined, true]);
  song.undo();
  apply("all");
  assert.equal(song.plan.tracks[0].gain, undefined);
  apply("sing-along");
  song.set(["tracks", 1, "gain"], 2);
  apply("all");
  assert.deepEqual(song.plan.tracks.map((track) => track.gain), [-12, 2]);
  apply("flat");
  apply("karaoke");
  assert.deepEqual(song.plan.tracks.map((track) => track.gain), [0, 0]);
});

test("what another tab makes of a song is taken over with its proposal, and told once", () => {
  const { session: song } = session();
  const told = [];
  song.addEventListener("proposal", () => told.push(song.proposal));
  const plan = { ...neutralPlan(["a"]), tracks: [{ name: "a", gain: 3 }] };
  const proposal = { plan, untasted: plan, before: neutralPlan(["a"]) };
  song.follow(plan, proposal);
  song.follow(plan, structuredClone(proposal));
  assert.deepEqual([song.plan.tracks[0].gain, told.length], [3, 1]);
});

test("the automatic mix is shown beside a mix by hand, which stays", () => {
  const { session: song } = session();
  song.set(["tracks", 0, "gain"], 1);
  const plan = song.plan;
  song.compare({ ...neutralPlan(["a"]), tracks: [{ name: "a", gain: 3 }] });
  assert.equal(song.plan, plan);
  assert.deepEqual([song.proposal.before, song.proposal.untasted.tracks[0].gain], [plan, 3]);
});

/** The part of Web Audio that a player without worklets uses. */
class Node {
  gain = { value: 0, setTargetAtTime: (value) => { this.gain.value = value; } };
  pan = { setTargetAtTime: () => {} };
  connect(next) { return next; }
}
globalThis.GainNode = globalThis.StereoPannerNode = Node;

test("without worklets, playing at the end begins anew, or at the loop", async () => {
  const context = { currentTime: 0, destination: {}, resume: async () => {} };
  const player = new PlainPlayer({ frameCount: 10, sampleRate: 44100, load: () => new Promise(() => {}) }, neutralPlan(["a"]), context);
  for (const [loop, begin] of [[null, 0], [{ start: 4, end: 8 }, 4]]) {
    player.setLoop(loop);
    player.seek(10);
    player.play();
    await Promise.resolve();
    assert.equal(player.position, begin);
    player.pause();
  }
});

test("without worklets the fader of the master moves what is heard of the mix alone", () => {
  const gains = [];
  globalThis.GainNode = class extends Node {
    constructor() { super(); gains.push(this.gain); }
  };
  const plan = neutralPlan(["a"]);
  const player = new PlainPlayer({ frameCount: 1, sampleRate: 44100 }, plan, { currentTime: 0, destination: {} });
  const [, track, original] = gains;
  player.setPlan({ ...plan, master: { ...plan.master, gain: -6 } });
  player.setLoudnessGain(6);
  assert.ok(Math.abs(track.value - 1) < 1e-9);
  player.setMonitor(true, { mix: 1, original: 0.5 });
  assert.deepEqual([track.value, original.value], [0, 0.5]);
});
