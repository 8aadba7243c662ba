// SPDX-License-Identifier: MIT
// @ts-check

import { colour, h, surface } from "./dom.js";
import { glyph } from "./glyphs.js";

/** @typedef {{framesPerPoint: number, minimum: number[], maximum: number[]}} Peaks */

/** The waveform of a stem. */
export class WaveLane extends HTMLElement {
  #canvas = h("canvas", { "aria-hidden": "true" });
  /** @type {Peaks | null} */
  #peaks = null;
  #state = { start: 0, span: 1, gain: 1, scale: 1 };

  /**
   * @param {string} name
   * @param {number} track
   */
  build(name, track) {
    this.className = `lane stem-${track % 6}`;
    this.replaceChildren(h("span", { class: "lane-name" }, glyph(track), h("span", {}, name)), this.#canvas);
  }

  /** @param {Peaks | null} peaks */
  set peaks(peaks) {
    this.#peaks = peaks;
    this.#draw();
  }

  get peaks() { return this.#peaks; }

  /**
   * @param {{start: number, span: number, gain: number, scale: number}} state `gain` is what the fader does,
   *   `scale` brings the song to the height of the lane
   */
  show(state) {
    this.#state = state;
    this.#draw();
  }

  #draw() {
    const drawing = surface(this.#canvas);
    if (!drawing) return;
    const { context, width, height } = drawing;
    const middle = height / 2;
    context.fillStyle = colour(this, "--line");
    context.fillRect(0, Math.round(middle) - 0.5, width, 1);
    const peaks = this.#peaks;
    if (!peaks) return;
    const { start, span, gain, scale } = this.#state;
    const last = peaks.minimum.length - 1;
    const half = middle * gain * scale * 0.95;
    context.fillStyle = colour(this, "--stem");
    context.beginPath();
    for (let x = 0; x < width; x++) {
      const from = Math.floor((start + (x / width) * span) / peaks.framesPerPoint);
      const to = Math.max(from, Math.floor((start + ((x + 1) / width) * span) / peaks.framesPerPoint) - 1);
      let low = 0;
      let high = 0;
      for (let point = from; point <= Math.min(to, last); point++) {
        low = Math.min(low, peaks.minimum[point]);
        high = Math.max(high, peaks.maximum[point]);
      }
      const top = Math.max(0, middle - high * half);
      const bottom = Math.min(height, middle - low * half);
      context.rect(x, top, 1, Math.max(0.5, bottom - top));
    }
    context.fill();
  }
}

customElements.define("tm-lane", WaveLane);
