// SPDX-License-Identifier: MIT
// @ts-check

import { h } from "./dom.js";
import { SILENT_DB, decibels } from "./format.js";

const HIGHEST_DB = 12;
const STEP = 0.5;

/** What a plan has for a fader that is all the way down. */
const NOTHING = -96;

/** A fader in dB: a native slider, so that every kind of input and reader works; double click resets. */
export class ChannelFader extends HTMLElement {
  #value = 0;
  #input = h("input", {
    type: "range", class: "fader", min: SILENT_DB, max: HIGHEST_DB, step: 0.1, value: 0,
    "aria-orientation": "vertical",
  });
  #reading = h("output", { class: "reading" });

  connectedCallback() {
    this.#input.setAttribute("aria-label", this.getAttribute("label") ?? "Fader");
    this.replaceChildren(this.#input, this.#reading);
    this.#input.addEventListener("input", () => this.#choose(Number(this.#input.value)));
    this.#input.addEventListener("dblclick", () => this.#choose(0));
    this.#input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#key(event));
    this.#input.addEventListener("wheel", (/** @type {WheelEvent} */ event) => {
      event.preventDefault();
      this.#choose(this.#value - Math.sign(event.deltaY) * (event.shiftKey ? 3 : 0.2));
    }, { passive: false });
    this.value = this.#value;
  }

  get value() { return this.#value; }

  set value(value) {
    this.#value = value;
    this.#input.value = String(Math.max(SILENT_DB, Math.min(HIGHEST_DB, value)));
    this.#reading.textContent = decibels(value);
    this.#input.setAttribute("aria-valuetext", value <= SILENT_DB ? "silent" : decibels(value));
  }

  /** @param {number} value */
  #choose(value) {
    const rounded = Math.round(Math.min(HIGHEST_DB, value) * 10) / 10;
    this.value = rounded <= SILENT_DB ? NOTHING : rounded;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 0.1 : STEP;
    const now = Math.max(SILENT_DB, this.#value);
    /** @type {Record<string, number>} */
    const values = {
      ArrowUp: now + step, ArrowRight: now + step, ArrowDown: now - step, ArrowLeft: now - step,
      PageUp: now + 3, PageDown: now - 3, Home: SILENT_DB, End: HIGHEST_DB, 0: 0,
    };
    if (!(event.key in values)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#choose(values[event.key]);
  }
}

customElements.define("tm-fader", ChannelFader);
