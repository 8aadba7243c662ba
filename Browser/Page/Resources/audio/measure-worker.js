// SPDX-License-Identifier: MIT
// @ts-check
// Hears a whole mix in the background and finds the gain that brings it to its loudness, as the server does
// (Sources/Mixdown/Render/SpoolPass.swift): first without the limiter, then, where that has to work, with it.

import { Core } from "./core.js";
import { WindowLoader } from "./loader.js";
import { WINDOW_FRAMES } from "./windows.js";

const BLOCK = 1024;
const TOLERANCE_LU = 0.05;
const MAXIMUM_PASSES = 6;

/**
 * @typedef {object} Request
 * @property {WebAssembly.Module} module
 * @property {any} plan
 * @property {string[]} urls of the stems
 * @property {Record<string, string>} headers
 * @property {{whole: number, sample: number}} windows the most that are heard as a whole, and how many of more
 */

/** @param {MessageEvent<Request>} event */
self.onmessage = async ({ data }) => {
  try {
    self.postMessage(await measured(data));
  } catch (error) {
    self.postMessage({ trouble: String(error) });
  }
};

/**
 * The loudness before the last gain, and that gain.
 * @param {Request} request
 */
async function measured({ module, plan, urls, headers, windows: { whole, sample } }) {
  const loader = await WindowLoader.open(urls, (url, init) =>
    fetch(url, { ...init, headers: { ...init.headers, ...headers } }));
  const core = new Core(await WebAssembly.instantiate(module, {}));
  const count = Math.ceil(loader.frameCount / WINDOW_FRAMES);
  const heard = count <= whole ? count : sample;
  const windows = Array.from({ length: heard }, (_, index) => Math.floor((index * count) / heard));
  const pass = (/** @type {boolean} */ endsBeforeLoudness, /** @type {number} */ gainDB) =>
    hear(core, loader, plan, windows, endsBeforeLoudness, gainDB);

  const first = await pass(true, 0);
  const target = plan.master.loudness;
  if (typeof target !== "number" || !isFinite(first.lufs)) return { lufs: first.lufs, gainDB: 0 };
  let gainDB = target - first.lufs;
  const { limiter } = plan.master;
  if (!limiter || first.truePeakDB + gainDB <= (limiter.ceiling ?? -1) - 0.001) return { lufs: first.lufs, gainDB };
  const most = gainDB + 12;
  for (let number = 0; number < MAXIMUM_PASSES; number++) {
    const { lufs } = await pass(false, gainDB);
    if (Math.abs(target - lufs) <= TOLERANCE_LU) break;
    gainDB = Math.min(gainDB + target - lufs, most);
  }
  return { lufs: first.lufs, gainDB };
}

/**
 * @param {Core} core
 * @param {WindowLoader} loader
 * @param {any} plan
 * @param {number[]} windows
 * @param {boolean} endsBeforeLoudness
 * @param {number} gainDB
 */
async function hear(core, loader, plan, windows, endsBeforeLoudness, gainDB) {
  const { exports } = core;
  const text = new TextEncoder().encode(JSON.stringify(plan));
  const tracks = core.withBytes([text], (pointer, length) =>
    exports.engine_open(pointer, length, loader.sampleRate, BLOCK, endsBeforeLoudness ? 1 : 0));
  if (tracks < 0) throw new Error(new TextDecoder().decode(core.message(-tracks)));
  exports.engine_loudness_gain(gainDB);
  exports.engine_reset();
  let next = loader.load(windows[0]);
  for (const [index, window] of windows.entries()) {
    const channels = await next;
    if (index + 1 < windows.length) next = loader.load(windows[index + 1]);
    if (index > 0 && window !== windows[index - 1] + 1) exports.engine_reset();
    for (let start = 0; start < channels[0].length; start += BLOCK) {
      const count = Math.min(BLOCK, channels[0].length - start);
      for (let channel = 0; channel < 2 * tracks; channel++) {
        const input = core.floats(exports.engine_input(channel >> 1, channel & 1), count);
        input.set(channels[channel].subarray(start, start + count));
      }
      exports.engine_process(count);
    }
    loader.pool.give(channels);
  }
  const table = core.floats(exports.meters_read(), 4);
  return { lufs: exports.engine_loudness(), truePeakDB: table[3] };
}
