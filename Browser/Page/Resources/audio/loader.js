// SPDX-License-Identifier: MIT
// @ts-check
// Fetches windows of aligned WAV files by HTTP Range.

import { deinterleave, parseHeader } from "./wav.js";
import { WINDOW_FRAMES, windowRange } from "./windows.js";

/** @typedef {import("./wav.js").WavLayout} WavLayout */
/** @typedef {(url: string, init: RequestInit) => Promise<Response>} Fetch */

const HEADER_BYTES = 4096;

/** Files that begin together and are as long as each other. */
export class WindowLoader {
  #urls;
  #layouts;
  #fetch;

  /**
   * @param {string[]} urls
   * @param {WavLayout[]} layouts
   * @param {Fetch} fetch
   */
  constructor(urls, layouts, fetch) {
    this.#urls = urls;
    this.#layouts = layouts;
    this.#fetch = fetch;
    this.sampleRate = layouts[0].sampleRate;
    this.frameCount = Math.max(...layouts.map((layout) => layout.frameCount));
  }

  /**
   * Reads the headers.
   * @param {string[]} urls
   * @param {Fetch} [fetch]
   */
  static async open(urls, fetch = (url, init) => globalThis.fetch(url, init)) {
    const layouts = await Promise.all(
      urls.map(async (url) => parseHeader(await readRange(fetch, url, 0, HEADER_BYTES))));
    if (layouts.some((layout) => layout.sampleRate !== layouts[0].sampleRate)) {
      throw new Error("The stems have different sample rates.");
    }
    return new WindowLoader(urls, layouts, fetch);
  }

  /**
   * A window of all files: left and right of the first, left and right of the second, and so on, each
   * as long as the window, with silence where a file has ended.
   * @param {number} index
   * @param {AbortSignal} [signal]
   * @returns {Promise<Float32Array[]>}
   */
  async load(index, signal) {
    const { count } = windowRange(index, this.frameCount);
    const channels = await Promise.all(this.#urls.map(async (url, file) => {
      const layout = this.#layouts[file];
      const own = windowRange(index, layout.frameCount);
      if (own.count === 0) return [new Float32Array(count), new Float32Array(count)];
      const from = layout.dataOffset + index * WINDOW_FRAMES * layout.bytesPerFrame;
      const size = own.count * layout.bytesPerFrame;
      const bytes = await readRange(this.#fetch, url, from, size, signal);
      if (bytes.byteLength < size) throw new Error("A stem ended early.");
      return deinterleave(bytes, layout.channelCount).map((samples) => padded(samples, count));
    }));
    return channels.flat();
  }
}

/**
 * @param {Float32Array} samples
 * @param {number} count
 */
function padded(samples, count) {
  if (samples.length === count) return samples;
  const longer = new Float32Array(count);
  longer.set(samples.subarray(0, count));
  return longer;
}

/**
 * @param {Fetch} fetch
 * @param {string} url
 * @param {number} from
 * @param {number} size
 * @param {AbortSignal} [signal]
 */
async function readRange(fetch, url, from, size, signal) {
  const headers = { Range: `bytes=${from}-${from + size - 1}` };
  const response = await fetch(url, { headers, signal });
  if (response.status === 206) return response.arrayBuffer();
  if (response.status !== 200) throw new Error(`A stem could not be loaded (${response.status}).`);
  return (await response.arrayBuffer()).slice(from, from + size);
}
