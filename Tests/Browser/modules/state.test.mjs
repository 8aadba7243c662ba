// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decisions, stateOf, withDecision, withoutProposal } from "../../../Browser/Page/Resources/state/decisions.js";
import { History } from "../../../Browser/Page/Resources/state/history.js";
import { Memory } from "../../../Browser/Page/Resources/state/memory.js";
import { isAudible, isSame, neutralPlan, withChoice, withOrder, withValue } from "../../../Browser/Page/Resources/state/plan.js";
import { presets } from "../../../Browser/Page/Resources/state/presets.js";
import {
  compressorControls, dynamicsSections, equalizerSections, roomSections,
} from "../../../Browser/Page/Resources/state/sections.js";
import { FakeStorage } from "./fake-storage.mjs";

const names = ["drums", "bass", "other", "vocals"];

test("a change makes a new plan and leaves the old one as it was", () => {
  const plan = neutralPlan(names);
  const louder = withChoice(plan, ["tracks", 3, "gain"], 3);
  assert.equal(plan.tracks[3].gain, undefined);
  assert.equal(louder.tracks[3].gain, 3);
  assert.equal(louder.tracks[0], plan.tracks[0]);
});

test("a value that a person has set is not explained by an advisor any more", () => {
  const plan = withValue(neutralPlan(names), ["tracks", 0], { name: "drums", gain: 1, because: { gain: "so", pan: "and so" } });
  const changed = withChoice(plan, ["tracks", 0, "gain"], 2);
  assert.deepEqual(changed.tracks[0].because, { pan: "and so" });
});

test("undefined takes a key or an entry away", () => {
  assert.deepEqual(withValue({ a: [1, 2, 3], b: 1 }, ["a", 1], undefined), { a: [1, 3], b: 1 });
  assert.deepEqual(withValue({ a: 1, b: 1 }, ["a"], undefined), { b: 1 });
});

test("tracks of a plan from elsewhere find their places by their names", () => {
  const plan = { ...neutralPlan(["bass", "drums"]), version: 1 };
  assert.deepEqual(withOrder(plan, ["drums", "bass"]).tracks, [{ name: "drums" }, { name: "bass" }]);
  for (const names of [["drums"], ["drums", "bass", "other"], ["drums", "vocals"]]) {
    assert.equal(withOrder(plan, names), null);
  }
  assert.equal(withOrder({ tracks: [null, { name: "drums" }] }, ["drums", "bass"]), null);
});

test("reasons do not make two plans different", () => {
  assert.ok(isSame({ a: [{ gain: 1, because: { gain: "x" } }] }, { a: [{ gain: 1 }] }));
  assert.ok(!isSame({ a: [1] }, { a: [1, 2] }));
  assert.ok(!isSame({ a: null }, { a: {} }));
});

test("solo silences the others, mute wins over solo", () => {
  const plan = neutralPlan(names);
  plan.tracks[1] = { name: "bass", solo: true };
  plan.tracks[2] = { name: "other", solo: true, mute: true };
  assert.deepEqual(names.map((_, track) => isAudible(plan, track)), [false, true, false, false]);
});

test("dragging is one step, and what follows later another", () => {
  let now = 0;
  const history = new History(0, () => now);
  for (const value of [1, 2, 3]) history.push(value, "fader");
  now = 5000;
  history.push(4, "fader");
  history.push(5, "pan");
  assert.ok(history.undo() && history.current === 4);
  assert.ok(history.undo() && history.current === 3);
  assert.ok(history.undo() && history.current === 0);
  assert.ok(!history.undo());
  assert.ok(history.redo() && history.current === 3);
  history.push(9, "fader");
  assert.ok(!history.canRedo);
});

test("presets mute what they say and keep the rest of the plan", () => {
  const plan = withValue(neutralPlan(names), ["tracks", 0, "compressor"], { ratio: 3 });
  const muted = (id) => presets.find((one) => one.id === id).apply(plan).tracks.filter((track) => track.mute).map((track) => track.name);
  assert.deepEqual(muted("karaoke"), ["vocals"]);
  assert.deepEqual(muted("a-cappella"), ["drums", "bass", "other"]);
  assert.deepEqual(muted("no-drums"), ["drums"]);
  assert.deepEqual(presets[2].apply(plan).tracks[0].compressor, { ratio: 3 });
  assert.ok(!presets.find((one) => one.id === "no-drums").fits(neutralPlan(["vocal", "backing"])));
});

const before = neutralPlan(names);
const proposal = {
  ...before,
  tracks: [
    { name: "drums", gain: -2, pan: 0, because: { gain: "too loud" }, equalizer: [{ type: "bell", frequency: 300, gain: -2, because: { gain: "hides the vocals" } }] },
    { name: "bass", gain: 0 }, { name: "other" },
    { name: "vocals", compressor: { ratio: 3, because: { ratio: "range of 19 LU" } } },
  ],
};

test("decisions are the values that change something, with their reasons", () => {
  const found = decisions(before, proposal).map(({ track, what, reasons }) => [track, what, ...reasons]);
  assert.deepEqual(found, [
    ["drums", "fader", "too loud"], ["drums", "equalizer", "hides the vocals"], ["vocals", "compressor", "range of 19 LU"],
  ]);
});

test("a decision can be left and taken again, whatever else has changed", () => {
  for (const decision of decisions(before, proposal)) {
    assert.equal(stateOf(proposal, decision), "taken");
    const left = withDecision(withChoice(proposal, ["tracks", 2, "gain"], 5), decision, false);
    assert.equal(stateOf(left, decision), "left");
    assert.equal(left.tracks[2].gain, 5);
    assert.equal(stateOf(withDecision(left, decision, true), decision), "taken");
  }
  const [fader] = decisions(before, proposal);
  assert.equal(stateOf(withChoice(proposal, ["tracks", 0, "gain"], -3), fader), "changed");
});

const equalizer = ["tracks", 0, "equalizer"];
const bell = (frequency, gain = -2) => ({ type: "bell", frequency, gain });

test("a band that was moved by hand is still the one that was decided", () => {
  const own = withValue(before, equalizer, [bell(5000, 3)]);
  const decided = withValue(own, equalizer, [bell(5000, 3), bell(300), bell(2000)]);
  const [low, high] = decisions(own, decided);
  const moved = withValue(decided, [...equalizer, 1], bell(400, -4));
  assert.equal(stateOf(moved, low), "changed");
  assert.equal(stateOf(moved, high), "taken");
  assert.deepEqual(withDecision(moved, low, true), decided);
  assert.deepEqual(withDecision(moved, low, false).tracks[0].equalizer, [bell(5000, 3), bell(2000)]);
});

test("a band that was removed by hand is not taken for another", () => {
  const decided = withValue(before, equalizer, [bell(300), bell(2000)]);
  const [low, high] = decisions(before, decided);
  const removed = withValue(decided, equalizer, [bell(2500)]);
  assert.deepEqual([stateOf(removed, low), stateOf(removed, high)], ["left", "changed"]);
  assert.equal(withDecision(removed, low, false), removed);
  assert.deepEqual(withDecision(removed, low, true).tracks[0].equalizer, [bell(2500), bell(300)]);
  const shelf = withValue(decided, equalizer, [{ type: "lowShelf", frequency: 300 }, bell(2000)]);
  assert.equal(stateOf(shelf, low), "left");
});

test("a second proposal is compared with what was before the first, and with what hands have done", () => {
  const byHand = withChoice(withChoice(proposal, ["tracks", 1, "gain"], 4), ["tracks", 0, "gain"], -5);
  const start = withoutProposal(byHand, { before, plan: proposal });
  assert.deepEqual(decisions(start, proposal).map((decision) => decision.what), ["fader", "equalizer", "compressor"]);
  assert.deepEqual([start.tracks[0].gain, start.tracks[1].gain, start.tracks[3].compressor], [-5, 4, undefined]);
  assert.equal(withoutProposal(before, { before, plan: proposal }), before);
});

test("jobs are found again, the newest first, and forgotten with their plans", () => {
  const local = new FakeStorage();
  const memory = new Memory(local, new FakeStorage());
  memory.remember({ id: "a", name: "first" });
  memory.remember({ id: "b", name: "second" });
  memory.keepPlan("a", before);
  memory.keepProposal("a", { before });
  assert.deepEqual(memory.proposal("a"), { before });
  assert.deepEqual(memory.jobs.map((entry) => entry.id), ["b", "a"]);
  memory.forget("a");
  assert.deepEqual([memory.plan("a"), memory.proposal("a")], [null, null]);
  local.setItem("tonmeisterJobs", "no JSON");
  assert.deepEqual(memory.jobs, []);
});

test("sliders stay within the format and begin where it does", () => {
  const schema = JSON.parse(readFileSync(new URL("../../../Documentation/mixplan.schema.json", import.meta.url), "utf8"));
  const inner = (/** @type {any} */ part) => part.anyOf?.[0] ?? part;
  const compressor = { name: "Compressor", place: "track", key: "compressor", controls: compressorControls };
  for (const section of [compressor, ...equalizerSections, ...dynamicsSections, ...roomSections]) {
    const { master, tracks: { items: track }, reverb } = schema.properties;
    const places = {
      plan: [schema], master: [master], track: [track], strip: [track, master], room: [inner(reverb)],
    }[section.place];
    for (const place of places) {
      const isPlain = section.key === undefined || section.isValue;
      const { properties } = isPlain ? place : inner(place.properties[section.key]);
      for (const control of section.controls) {
        const value = properties[control.key];
        const [least, most] = value.enum ? [value.enum[0], value.enum.at(-1)] : [value.minimum, value.maximum];
        const name = `${section.name} ${control.name}`;
        assert.ok(control.minimum >= least && control.maximum <= most, name);
        assert.equal(control.standard, value.default ?? section.start, name);
      }
      if (!isPlain) {
        const known = section.controls.map((control) => control.key);
        const missing = Object.keys(properties).filter((key) => !known.includes(key));
        assert.deepEqual(missing.filter((key) => !["because", "sideChain", "highPass", "lowPass"].includes(key)), []);
      }
    }
  }
});
