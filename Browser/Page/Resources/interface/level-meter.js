// SPDX-License-Identifier: MIT
// @ts-check

import { colour, h, surface } from "./dom.js";
import { level } from "./format.js";

const LOWEST_DB = -60;
const HIGHEST_DB = 6;
/** dB per second in which the bar falls. */
const FALL = 24;
const HOLD_MILLISECONDS = 1500;
/** Screen readers are told no more often than this, in milliseconds. */
const SPOKEN_EVERY = 500;

const height = (/** @type {number} */ decibels) =>
  Math.min(1, Math.max(0, (decibels - LOWEST_DB) / (HIGHEST_DB - LOWEST_DB)));

/** Peak, mean level and the highest peak of the last moments. */
export class LevelMeter extends HTMLElement {
  #canvas = h("canvas");
  #peak = -Infinity;
  #rms = -Infinity;
  #hold = { level: -Infinity, until: 0 };
  #time = 0;
  #spoken = 0;
  #isBlank = false;

  connectedCallback() {
    this.setAttribute("role", "meter");
    this.setAttribute("aria-valuemin", String(LOWEST_DB));
    this.setAttribute("aria-valuemax", String(HIGHEST_DB));
    this.setAttribute("aria-valuenow", String(LOWEST_DB));
    this.setAttribute("aria-valuetext", "silent");
    this.replaceChildren(this.#canvas);
  }

  /**
   * @param {number} peakDB
   * @param {number} rmsDB
   */
  show(peakDB, rmsDB) {
    const now = performance.now();
    const fallen = (FALL * Math.min(200, now - this.#time)) / 1000;
    this.#time = now;
    this.#peak = Math.max(peakDB, this.#peak - fallen);
    this.#rms = Math.max(rmsDB, this.#rms - fallen);
    if (this.#peak >= this.#hold.level || now > this.#hold.until) {
      this.#hold = { level: this.#peak, until: now + HOLD_MILLISECONDS };
    }
    this.#draw();
    if (now - this.#spoken < SPOKEN_EVERY) return;
    this.#spoken = now;
    const shown = Math.max(LOWEST_DB, Math.min(HIGHEST_DB, this.#peak));
    this.setAttribute("aria-valuenow", shown.toFixed(0));
    this.setAttribute("aria-valuetext", this.#peak <= LOWEST_DB ? "silent" : `${level(this.#peak)} dB`);
  }

  #draw() {
    const isBlank = this.#hold.level < LOWEST_DB;
    if (isBlank && this.#isBlank) return;
    this.#isBlank = isBlank;
    const drawing = surface(this.#canvas);
    if (!drawing) return;
    const { context, width, height: total } = drawing;
    const bar = (/** @type {number} */ decibels, /** @type {string} */ style) => {
      context.fillStyle = style;
      context.fillRect(0, total * (1 - height(decibels)), width, total);
    };
    const own = colour(this, "--stem");
    context.globalAlpha = 0.45;
    bar(this.#peak, own);
    context.globalAlpha = 1;
    bar(this.#rms, own);
    if (isBlank) return;
    context.fillStyle = this.#hold.level > -0.1 ? colour(this, "--danger") : own;
    context.fillRect(0, total * (1 - height(this.#hold.level)) - 1, width, 2);
  }
}

customElements.define("tm-meter", LevelMeter);
