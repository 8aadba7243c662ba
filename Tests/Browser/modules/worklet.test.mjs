// SPDX-License-Identifier: MIT
// The processor of the audio thread, with the real mixing desk where it has been built (make wasm).
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { planTrouble } from "../../../Browser/Page/Resources/audio/plan-check.js";
import { WINDOW_FRAMES as N } from "../../../Browser/Page/Resources/audio/windows.js";

const path = new URL("../../../Browser/Page/Resources/mixcore.wasm", import.meta.url);
const options = { skip: existsSync(path) ? false : "mixcore.wasm is not built" };

let Processor;
globalThis.sampleRate = 44100;
globalThis.AudioWorkletProcessor = class {
  sent = [];
  port = { postMessage: (message) => this.sent.push(message) };
};
globalThis.registerProcessor = (_, processor) => { Processor = processor; };
await import("../../../Browser/Page/Resources/audio/worklet.js");

const level = (value) => Array.from({ length: 4 }, () => new Float32Array(N).fill(value));

/** A processor that plays a steady level from windows 0 and 1 of ten. */
function playing() {
  const plan = { version: 1, tracks: [{ name: "a" }], master: {} };
  const processor = new Processor({
    processorOptions: {
      module: new WebAssembly.Module(readFileSync(path)), plan: new TextEncoder().encode(JSON.stringify(plan)),
      frameCount: 10 * N, windows: [[0, level(0.5)], [1, level(0.5)]], isPlaying: true,
    },
  });
  hear(processor, 20);
  return processor;
}

function hear(processor, blocks) {
  const heard = [];
  for (let block = 0; block < blocks; block++) {
    const output = [new Float32Array(128), new Float32Array(128)];
    processor.process([], [output]);
    heard.push(...output[0]);
  }
  return heard;
}

const largestStep = (heard) => Math.max(...heard.slice(1).map((value, index) => Math.abs(value - heard[index])));
const lastReport = ({ sent }) => sent.filter((message) => message.type === "report").at(-1);

test("what is heard fades out before its window is dropped for a seek far away", options, () => {
  const processor = playing();
  const before = hear(processor, 1);
  assert.ok(Math.abs(before[100] - 0.5) < 0.01);
  processor.receive({ type: "seek", position: 5 * N, number: 1 });
  processor.receive({ type: "drop", indices: [0, 1] });
  const heard = [...before, ...hear(processor, 6)];
  assert.ok(largestStep(heard) < 0.01, String(largestStep(heard)));
  assert.equal(heard.at(-1), 0);
  const given = processor.sent.filter((message) => message.type === "spare").flatMap((message) => message.channels);
  assert.equal(given.length, 8);
});

test("a window that comes again before the jump stays", options, () => {
  const processor = playing();
  processor.receive({ type: "seek", position: 5 * N, number: 1 });
  processor.receive({ type: "drop", indices: [0, 1] });
  processor.receive({ type: "seek", position: N, number: 2 });
  processor.receive({ type: "window", index: 1, channels: level(0.5) });
  assert.ok(Math.abs(hear(processor, 12).at(-1) - 0.5) < 0.01);
});

test("reports say which seek they know of", options, () => {
  const processor = playing();
  assert.equal(lastReport(processor).seekNumber, 0);
  processor.receive({ type: "seek", position: N + 7, number: 3 });
  hear(processor, 16);
  assert.equal(lastReport(processor).seekNumber, 3);
  assert.ok(lastReport(processor).position >= N + 7);
});

test("the gains of comparing move without a step", options, () => {
  const processor = playing();
  const before = hear(processor, 1);
  processor.receive({ type: "monitor", original: false, gains: { mix: 0.25, original: 1 } });
  const heard = [...before, ...hear(processor, 6)];
  assert.ok(largestStep(heard) < 0.01, String(largestStep(heard)));
  assert.ok(Math.abs(heard.at(-1) - 0.125) < 0.01);
});

test("a plan is one where the mixing desk reads it", options, async () => {
  const module = new WebAssembly.Module(readFileSync(path));
  const plan = { version: 1, tracks: [{ name: "a", gain: 3 }], master: { loudness: -14 } };
  assert.equal(await planTrouble(plan, module), null);
  assert.match(await planTrouble({ ...plan, tracks: [{ name: "a", gain: "3" }] }, module), /tracks\[0\].gain/);
  assert.match(await planTrouble({ ...plan, version: 9 }, module), /version/);
  assert.notEqual(await planTrouble(null, module), null);
});
