// SPDX-License-Identifier: MIT
// @ts-check
// Fetches windows of aligned WAV files by HTTP Range.

import { Pool } from "./pool.js";
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
  /** Where arrays that are done with are given back. */
  pool = new Pool();

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
      urls.map(async (url) => {
        const bytes = await readRange(fetch, url, 0, new Uint8Array(HEADER_BYTES));
        return parseHeader(bytes.slice().buffer);
      }));
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
      const size = own.count * layout.bytesPerFrame;
      const from = layout.dataOffset + index * WINDOW_FRAMES * layout.bytesPerFrame;
      const room = this.pool.takeBytes(size);
      const bytes = size > 0 ? await readRange(this.#fetch, url, from, room, signal) : room;
      if (bytes.length < size) throw new Error("A stem ended early.");
      /** @type {[Float32Array, Float32Array]} */
      const target = [this.pool.take(count), this.pool.take(count)];
      deinterleave(bytes, layout.channelCount, target);
      this.pool.giveBytes(bytes);
      return target;
    }));
    return channels.flat();
  }
}

/**
 * Reads a part of a file into bytes, which are moved on the way; those that there were.
 * @param {Fetch} fetch
 * @param {string} url
 * @param {number} from
 * @param {Uint8Array} target
 * @param {AbortSignal} [signal]
 */
async function readRange(fetch, url, from, target, signal) {
  const headers = { Range: `bytes=${from}-${from + target.length - 1}` };
  const response = await fetch(url, { headers, signal });
  if (response.status === 206 && response.body) return fill(response.body, target);
  if (response.status !== 200) throw new Error(`A stem could not be loaded (${response.status}).`);
  // Who does not know ranges sends everything.
  const bytes = new Uint8Array(await response.arrayBuffer()).subarray(from, from + target.length);
  target.set(bytes);
  return target.subarray(0, bytes.length);
}

/**
 * Reads a stream into bytes, without copies on the way where the browser can do that.
 * @param {ReadableStream<Uint8Array>} stream
 * @param {Uint8Array} target
 */
async function fill(stream, target) {
  /** @type {any} */
  let reader;
  try {
    reader = /** @type {any} */ (stream).getReader({ mode: "byob" });
  } catch {
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer()).subarray(0, target.length);
    target.set(bytes);
    return target.subarray(0, bytes.length);
  }
  let { buffer } = target;
  let done = 0;
  while (done < buffer.byteLength) {
    const { value, done: isOver } = await reader.read(new Uint8Array(buffer, done, buffer.byteLength - done));
    if (value) ({ buffer } = value);
    if (isOver || !value) break;
    done += value.length;
  }
  // Lets go of the connection's memory now, not when garbage is collected.
  reader.cancel().catch(() => {});
  return new Uint8Array(buffer, 0, done);
}
