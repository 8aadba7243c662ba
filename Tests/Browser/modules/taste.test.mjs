// SPDX-License-Identifier: MIT
// The learner and its storage, with the real module where it has been built (make wasm).
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Core } from "../../../Browser/Page/Resources/audio/core.js";
import { neutralPlan } from "../../../Browser/Page/Resources/state/plan.js";
import { Learner } from "../../../Browser/Page/Resources/taste/learner.js";
import { TasteStorage } from "../../../Browser/Page/Resources/taste/storage.js";
import { FakeStorage } from "./fake-storage.mjs";

const path = new URL("../../../Browser/Page/Resources/taste.wasm", import.meta.url);
const options = { skip: existsSync(path) ? false : "taste.wasm is not built" };
const names = ["drums", "bass", "other", "vocals"];
const features = Array.from({ length: 23 }, (_, index) => index / 23);

async function learner(storage) {
  const { instance } = await WebAssembly.instantiate(readFileSync(path), {});
  return new Learner(new Core(instance), new TasteStorage(storage));
}

/** Weights as `model.getWeights()` gives them, saved by a page that knows nothing of us. */
function weights() {
  const sizes = [23, 64, 32, 16, 4];
  return sizes.slice(1).flatMap((outputs, layer) => [
    { shape: [sizes[layer], outputs], data: Array.from({ length: sizes[layer] * outputs }, (_, i) => Math.sin(i + layer) / 8) },
    { shape: [outputs], data: Array.from({ length: outputs }, (_, i) => i / 100) },
  ]);
}

function pageOfOthers() {
  const storage = new FakeStorage();
  storage.setItem("userModel_anna", JSON.stringify(weights()));
  storage.setItem("audioMixSongs", JSON.stringify({
    anna: [{ title: "Song", artist: "Somebody", gains: { vocals: 1, drums: -2, bass: 0, other: -3 }, features }],
    bert: [{ title: "His", gains: null, features: null }],
  }));
  storage.setItem("museTheme", "dark");
  return storage;
}

test("data of other pages load unchanged and are saved as they were", options, async () => {
  const storage = pageOfOthers();
  const anna = await learner(storage);
  const state = await anna.state();
  assert.deepEqual([state.name, state.learner, state.titles, state.hasNetwork], ["anna", "network", ["Song"], true]);
  const faders = await anna.faders(features);
  assert.deepEqual(Object.keys(faders), ["vocals", "drums", "bass", "other"]);
  await anna.choose("residual");
  const saved = JSON.parse(storage.getItem("userModel_anna"));
  const { fround } = Math;
  saved.forEach(({ shape, data }, index) => {
    assert.deepEqual(shape, weights()[index].shape);
    assert.deepEqual(data.map(fround), weights()[index].data.map(fround));
  });
  const songs = JSON.parse(storage.getItem("audioMixSongs"));
  assert.equal(songs.anna[0].artist, "Somebody");
  assert.deepEqual(songs.bert, [{ title: "His", gains: null, features: null }]);
  assert.equal(new TasteStorage(storage).theme, "dark");
});

test("five songs with louder vocals make the next proposal louder, and forgetting undoes it", options, async () => {
  const storage = new FakeStorage();
  const me = await learner(storage);
  const proposed = neutralPlan(names);
  const kept = { ...proposed, tracks: proposed.tracks.map((track) => (track.name === "vocals" ? { ...track, gain: 3 } : track)) };
  for (const title of ["a", "b", "c", "d", "e"]) await me.learn({ proposed, kept, title, features });
  const advised = await me.advise(proposed, features);
  assert.ok(advised.tracks[3].gain > 1.5 && advised.tracks[3].gain <= 3.2, `${advised.tracks[3].gain}`);
  assert.match(advised.tracks[3].because.gain, /you like vocals .* louder, from 5 songs/);
  assert.ok((await me.tastes(features)).some((taste) => taste.stem === "vocals" && taste.quantity === "gain" && taste.songs === 5));
  await me.forget("a");
  assert.equal((await me.state()).titles.length, 4);
  await me.forgetAll();
  assert.deepEqual((await me.advise(proposed, features)).tracks[3].gain ?? 0, 0);
  assert.equal(storage.getItem("audioMixSongs"), null);
});

test("the network learns 5 epochs with each song and is saved in the same form", options, async () => {
  const storage = pageOfOthers();
  const anna = await learner(storage);
  const before = storage.getItem("userModel_anna");
  await anna.learn({ proposed: neutralPlan(names), kept: neutralPlan(names), title: "New", features });
  const after = JSON.parse(storage.getItem("userModel_anna"));
  assert.notEqual(JSON.stringify(after), before);
  assert.deepEqual(after.map((tensor) => tensor.shape), weights().map((tensor) => tensor.shape));
  assert.equal(JSON.parse(storage.getItem("audioMixSongs")).anna.length, 2);
  await anna.retrain();
  assert.notEqual(storage.getItem("userModel_anna"), JSON.stringify(after));
});

test("two tabs do not lose what the other has learned", options, async () => {
  const storage = new FakeStorage();
  const [one, two] = [await learner(storage), await learner(storage)];
  await one.learn({ proposed: neutralPlan(names), kept: neutralPlan(names), title: "a", features });
  await two.learn({ proposed: neutralPlan(names), kept: neutralPlan(names), title: "b", features });
  assert.deepEqual((await one.state()).titles, ["a", "b"]);
});

test("an export reads back, and what is no taste is refused in words", options, async () => {
  const me = await learner(new FakeStorage());
  await me.learn({ proposed: neutralPlan(names), kept: neutralPlan(names), title: "a", features });
  const other = await learner(new FakeStorage());
  await other.imported(await me.exported());
  assert.deepEqual((await other.state()).titles, ["a"]);
  await assert.rejects(other.imported("{}"), /version: is missing/);
  await assert.rejects(other.imported("no JSON"));
});

test("what cannot be read is passed over, and stays as it is", options, async () => {
  const storage = pageOfOthers();
  storage.setItem("userModel_a@b", "no JSON");
  const songs = JSON.parse(storage.getItem("audioMixSongs"));
  songs.anna.unshift({ title: "Broken", gains: { vocals: 1 }, features }, 7);
  storage.setItem("audioMixSongs", JSON.stringify(songs));
  const anna = await learner(storage);
  assert.deepEqual((await anna.state()).titles, ["Song"]);
  assert.ok((await anna.advise(neutralPlan(names), features)).tracks);
  await anna.learn({ proposed: neutralPlan(names), kept: neutralPlan(names), title: "New", features });
  const saved = JSON.parse(storage.getItem("audioMixSongs"));
  assert.deepEqual(saved.anna.slice(0, 2), songs.anna.slice(0, 2));
  assert.deepEqual(saved.anna.slice(2).map((song) => song.title), ["Song", "New"]);
  assert.deepEqual(saved.bert, songs.bert);
  assert.equal(storage.getItem("userModel_a@b"), "no JSON");
});

for (const [key, text] of [
  ["userModel_me", '{"another": "shape"}'], ["userModel_me", "no JSON"], ["tonmeisterListener_me", '{"version": 9}'],
  ["tonmeisterListener_me", "no JSON"], ["audioMixSongs", "no JSON"], ["audioMixSongs", '{"me": "another shape"}'],
  ["tonmeisterUser", "a@b"],
]) {
  test(`everything works with ${text} under ${key}, which is not lost`, options, async () => {
    const storage = new FakeStorage();
    storage.setItem(key, text);
    const me = await learner(storage);
    const proposed = neutralPlan(names);
    assert.deepEqual((await me.state()).titles, []);
    assert.ok((await me.advise(proposed, null)).tracks);
    await me.learn({ proposed, kept: proposed, title: "a", features });
    assert.deepEqual((await me.state()).titles, ["a"]);
    assert.ok([storage.getItem(key), storage.getItem(`tonmeisterUnreadable_${key}`)].includes(text));
    const exported = await me.exported();
    storage.setItem(key, text);
    await me.imported(exported);
    assert.deepEqual((await me.state()).titles, ["a"]);
    storage.setItem(key, text);
    await me.forgetAll();
    assert.equal(storage.getItem("tonmeisterListener_me") ?? storage.getItem("userModel_me"), null);
    assert.deepEqual((await me.state()).titles, []);
  });
}
