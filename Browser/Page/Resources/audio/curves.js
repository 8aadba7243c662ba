// SPDX-License-Identifier: MIT
// @ts-check
// The curves of equalizers and compressors, computed by the code that sounds.

import { Core } from "./core.js";
import { wasmModule } from "./modules.js";

const encoder = new TextEncoder();

/** Track of the master. */
export const MASTER = -1;

export class Curves {
  #core;

  /** @param {Core} core */
  constructor(core) { this.#core = core; }

  static async open() {
    return new Curves(new Core(await WebAssembly.instantiate(await wasmModule("mixcore"), {})));
  }

  /**
   * Decibels at frequencies from 20 Hz to 20 kHz in even steps of pitch; null where there is nothing to show.
   * @param {object} plan
   * @param {number} track
   * @param {number} sampleRate
   * @param {number} count
   */
  equalizer(plan, track, sampleRate, count) {
    return this.#curve(plan, count, (exports, pointer, length) =>
      exports.equalizer_curve(pointer, length, track, sampleRate, count));
  }

  /**
   * Levels behind the compressor, for levels from -80 to 0 dBFS; null where there is none.
   * @param {object} plan
   * @param {number} track
   * @param {number} count
   */
  compressor(plan, track, count) {
    return this.#curve(plan, count, (exports, pointer, length) =>
      exports.compressor_curve(pointer, length, track, count));
  }

  /**
   * @param {object} plan
   * @param {number} count
   * @param {(exports: any, pointer: number, length: number) => number} body
   */
  #curve(plan, count, body) {
    const core = this.#core;
    const text = encoder.encode(JSON.stringify(plan));
    const curve = core.withBytes([text], (pointer, length) => body(core.exports, pointer, length));
    return curve === 0 ? null : core.floats(curve, count).slice();
  }
}
