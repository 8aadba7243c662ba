// SPDX-License-Identifier: MIT
// @ts-check

import { WINDOW_FRAMES } from "./windows.js";

/** Arrays that are kept for later: those of two windows of five stereo files. */
const MAXIMUM_COUNT = 20;
/** Pieces of files that are kept for later. */
const MAXIMUM_BYTES_COUNT = 10;

/**
 * Arrays that are used again and again. The audio thread makes so few objects of its own that its garbage is
 * hardly ever collected; so it gives back what it does not need, and it goes round.
 */
export class Pool {
  /** @type {Float32Array[]} */
  #arrays = [];
  /** @type {Uint8Array[]} */
  #bytes = [];

  /**
   * An array with any contents.
   * @param {number} count
   */
  take(count) {
    return (count === WINDOW_FRAMES && this.#arrays.pop()) || new Float32Array(count);
  }

  /** @param {Float32Array[]} arrays */
  give(arrays) {
    for (const array of arrays) {
      if (array.length === WINDOW_FRAMES && this.#arrays.length < MAXIMUM_COUNT) this.#arrays.push(array);
    }
  }

  /**
   * Bytes with any contents.
   * @param {number} count
   */
  takeBytes(count) {
    const index = this.#bytes.findIndex((bytes) => bytes.length === count);
    return index < 0 ? new Uint8Array(count) : this.#bytes.splice(index, 1)[0];
  }

  /** @param {Uint8Array} bytes */
  giveBytes(bytes) {
    if (this.#bytes.length < MAXIMUM_BYTES_COUNT) this.#bytes.push(bytes);
  }
}
