// SPDX-License-Identifier: MIT
// @ts-check

import { WINDOW_FRAMES } from "./windows.js";

/**
 * Frames of one window that are heard one after the other.
 * @typedef {{index: number, from: number, at: number, length: number, isSilent: boolean}} Run
 *   `from` in the window, `at` in the block
 */

/** The windows in memory as one stream: around the loop where there is one, silent behind the end. */
export class WindowSource {
  /** @type {Map<number, Float32Array[]>} */
  #windows;
  #frameCount;
  position = 0;
  /** @type {import("./windows.js").Loop | null} */
  loop = null;

  /**
   * @param {number} frameCount
   * @param {[number, Float32Array[]][]} windows
   */
  constructor(frameCount, windows = []) {
    this.#frameCount = frameCount;
    this.#windows = new Map(windows);
  }

  /**
   * @param {number} index
   * @param {Float32Array[]} channels
   */
  add(index, channels) { this.#windows.set(index, channels); }

  /**
   * Takes windows away.
   * @param {number[]} indices
   * @returns {Float32Array[]} their channels
   */
  remove(indices) {
    const channels = indices.flatMap((index) => this.#windows.get(index) ?? []);
    for (const index of indices) this.#windows.delete(index);
    return channels;
  }

  /**
   * Where the next frames come from, and the position behind them; null where a window is missing.
   * @param {number} count
   * @returns {{runs: Run[], next: number} | null}
   */
  plan(count) {
    /** @type {Run[]} */
    const runs = [];
    let frame = this.position;
    for (let at = 0; at < count;) {
      if (this.loop && frame === this.loop.end) frame = this.loop.start;
      const index = Math.floor(frame / WINDOW_FRAMES);
      const isSilent = frame >= this.#frameCount;
      if (!isSilent && !this.#windows.has(index)) return null;
      let length = Math.min(count - at, (index + 1) * WINDOW_FRAMES - frame);
      if (!isSilent) length = Math.min(length, this.#frameCount - frame);
      if (this.loop && frame < this.loop.end) length = Math.min(length, this.loop.end - frame);
      runs.push({ index, from: frame - index * WINDOW_FRAMES, at, length, isSilent });
      frame += length;
      at += length;
    }
    return { runs, next: frame };
  }

  /**
   * Copies a channel; one that the windows do not have is silent.
   * @param {number} channel
   * @param {Run[]} runs
   * @param {Float32Array} target
   */
  read(channel, runs, target) {
    for (const { index, from, at, length, isSilent } of runs) {
      const samples = isSilent ? undefined : this.#windows.get(index)?.[channel];
      if (samples) target.set(samples.subarray(from, from + length), at);
      else target.fill(0, at, at + length);
    }
  }
}
