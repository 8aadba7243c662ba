// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  WINDOW_FRAMES as N, superfluousWindows, wantedWindows, windowRange,
} from "../../../Browser/Page/Resources/audio/windows.js";
import { WindowLoader } from "../../../Browser/Page/Resources/audio/loader.js";
import { encode } from "../../../Browser/Page/Resources/audio/wav.js";
import { WindowSource } from "../../../Browser/Page/Resources/audio/window-source.js";

test("the last window is as long as what is left", () => {
  assert.deepEqual(windowRange(2, 2 * N + 10), { start: 2 * N, count: 10 });
  assert.equal(windowRange(3, 2 * N + 10).count, 0);
});

test("the window that is heard comes first, and none behind the end", () => {
  assert.deepEqual(wantedWindows(N + 5, 10 * N, null), [1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(wantedWindows(9 * N, 10 * N, null), [9]);
  assert.deepEqual(wantedWindows(10 * N, 10 * N, null), []);
});

test("before the end of a loop its start is wanted", () => {
  assert.deepEqual(wantedWindows(5 * N + 1, 10 * N, { start: 2 * N, end: 6 * N - 1 }), [5, 2, 3, 4]);
  assert.deepEqual(wantedWindows(10, 10 * N, { start: 0, end: 100 }), [0]);
});

test("behind a loop it goes on to the end", () => {
  assert.deepEqual(wantedWindows(7 * N, 10 * N, { start: N, end: 2 * N }), [7, 8, 9]);
});

test("a step back stays in memory, everything else goes", () => {
  assert.deepEqual(superfluousWindows([0, 3, 4, 5, 9], [4, 5, 6]), [0, 9]);
});

const samples = (count, value) => new Float32Array(count).fill(value);

/** A server of files that counts the bytes it has sent. */
function server(files, { ranges = true } = {}) {
  const sent = { bytes: 0 };
  const fetch = async (url, { headers }) => {
    const [, from, to] = headers.Range.match(/bytes=(\d+)-(\d+)/).map(Number);
    const body = ranges ? files[url].slice(from, to + 1) : files[url];
    sent.bytes += body.byteLength;
    return new Response(body, { status: ranges ? 206 : 200 });
  };
  return { fetch, sent };
}

test("only the window asked for is fetched, of all files alike", async () => {
  const files = { a: encode(samples(3 * N, 0.5), samples(3 * N, 0.25), 44100), b: encode(samples(3 * N, 1), samples(3 * N, 1), 44100) };
  const { fetch, sent } = server(files);
  const loader = await WindowLoader.open(["a", "b"], fetch);
  sent.bytes = 0;
  const channels = await loader.load(1);
  assert.deepEqual(channels.map((channel) => [channel.length, channel[7]]), [[N, 0.5], [N, 0.25], [N, 1], [N, 1]]);
  assert.equal(sent.bytes, 2 * 8 * N);
});

test("a stem that ends early is silent behind its end, in step with the others", async () => {
  const files = { a: encode(samples(N + 20, 1), samples(N + 20, 1), 44100), b: encode(samples(5, 1), samples(5, 1), 44100) };
  const loader = await WindowLoader.open(["a", "b"], server(files).fetch);
  const first = await loader.load(0);
  assert.deepEqual([first[2].length, first[2][4], first[2][5]], [N, 1, 0]);
  const last = await loader.load(1);
  assert.deepEqual(last.map((channel) => channel.length), [20, 20, 20, 20]);
});

test("a server that does not know ranges is served too", async () => {
  const files = { a: encode(samples(N + 20, 1), samples(N + 20, 1), 44100) };
  const loader = await WindowLoader.open(["a"], server(files, { ranges: false }).fetch);
  assert.equal((await loader.load(1))[0].length, 20);
});

test("stems of different rates are refused", async () => {
  const files = { a: encode(samples(5, 1), samples(5, 1), 44100), b: encode(samples(5, 1), samples(5, 1), 48000) };
  await assert.rejects(WindowLoader.open(["a", "b"], server(files).fetch));
});

/** A source whose samples are the numbers of their frames. */
function counting(frameCount, indices) {
  const windows = indices.map((index) => {
    const { start, count } = windowRange(index, frameCount);
    return [index, [Float32Array.from({ length: count }, (_, frame) => start + frame)]];
  });
  return new WindowSource(frameCount, windows);
}

/** Reads blocks and moves on. */
function readBlocks(source, size, count) {
  const heard = [];
  for (let block = 0; block < count; block++) {
    const plan = source.plan(size);
    const target = new Float32Array(size).fill(-1);
    source.read(0, plan.runs, target);
    source.position = plan.next;
    heard.push(...target);
  }
  return heard;
}

test("frames come in order across windows, and are silent behind the end", () => {
  const source = counting(N + 100, [0, 1]);
  source.position = N - 100;
  const heard = readBlocks(source, 128, 2);
  assert.deepEqual(heard, Array.from({ length: 256 }, (_, i) => (i < 200 ? N - 100 + i : 0)));
});

test("a loop shorter than a block goes round within it", () => {
  const source = counting(1000, [0]);
  source.loop = { start: 10, end: 60 };
  const heard = readBlocks(source, 128, 3);
  assert.deepEqual(heard, Array.from({ length: 384 }, (_, i) => (i < 60 ? i : 10 + ((i - 10) % 50))));
});

test("a missing window stops everything, and nothing has moved", () => {
  const source = counting(3 * N, [0, 2]);
  source.position = N - 5;
  assert.equal(source.plan(128), null);
  assert.equal(source.position, N - 5);
  source.add(1, [new Float32Array(N)]);
  assert.equal(source.plan(128).next, N + 123);
  assert.equal(source.remove([0, 1, 7]).length, 2);
  assert.equal(source.plan(128), null);
});
