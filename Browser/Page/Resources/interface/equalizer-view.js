// SPDX-License-Identifier: MIT
// @ts-check

import { MAXIMUM_BANDS, Ranges, valueAt } from "../state/plan.js";
import { h } from "./dom.js";
import { onDrag } from "./drag.js";
import { SessionElement } from "./element.js";
import { decibelsAt, drawEqualizer, hertzAt, xOf, yOf } from "./equalizer-picture.js";
import { decibels, decimal, hertz } from "./format.js";

/** @typedef {import("../state/session.js").Session} Session */
/** @typedef {import("../state/plan.js").Band} Band */

const shapes = [["bell", "Bell"], ["lowShelf", "Low shelf"], ["highShelf", "High shelf"], ["notch", "Notch"]];

const clamp = (/** @type {number} */ value, /** @type {{minimum: number, maximum: number}} */ range) =>
  Math.min(range.maximum, Math.max(range.minimum, value));

/**
 * Where a new band stands apart from the others.
 * @param {Band[]} bands
 */
const freeFrequency = (bands) =>
  [1000, 100, 4000, 300, 10000, 2000, 500, 60].find((frequency) =>
    bands.every((band) => Math.abs(Math.log2((band.frequency ?? 1000) / frequency)) > 0.5)) ?? 1000;

/** The equalizer of what is selected: its curve with a handle for each band, and the bands as numbers. */
export class EqualizerView extends SessionElement {
  /** @type {import("../audio/curves.js").Curves | null} */
  curves = null;
  /** @type {any} */
  #parts = {};

  /**
   * @param {Session} session
   * @param {AbortSignal} signal
   */
  show(session, signal) {
    const canvas = h("canvas", { "aria-hidden": "true" });
    const handles = h("div", { class: "handles", "data-key": "equalizer" });
    const picture = h("div", { class: "picture" }, canvas, handles);
    const add = h("button", {
      onclick: () => this.#add(session, freeFrequency(this.#bands(session)), 0),
    }, "Add a band");
    const bands = h("div", { class: "bands" });
    this.#parts = { canvas, handles, add, bands };
    this.replaceChildren(picture, h("div", { class: "row" }, add), bands);
    picture.addEventListener("dblclick", (/** @type {MouseEvent} */ event) => {
      if (event.target !== handles) return;
      const box = picture.getBoundingClientRect();
      const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      this.#add(session, hertzAt(x), decibelsAt(y));
    });
    const update = () => this.#update(session);
    session.addEventListener("plan", update, { signal });
    session.addEventListener("selection", update, { signal });
    const resize = new ResizeObserver(() => this.#draw(session));
    resize.observe(picture);
    signal.addEventListener("abort", () => resize.disconnect());
    update();
  }

  refresh() { if (this.session) this.#draw(this.session); }

  /** @param {Session} session */
  #place(session) { return session.selection < 0 ? ["master"] : ["tracks", session.selection]; }

  /**
   * @param {Session} session
   * @returns {Band[]}
   */
  #bands(session) { return valueAt(session.plan, [...this.#place(session), "equalizer"]) ?? []; }

  /**
   * @param {Session} session
   * @param {number} frequency
   * @param {number} gain
   */
  #add(session, frequency, gain) {
    const bands = this.#bands(session);
    if (bands.length >= MAXIMUM_BANDS) return;
    const band = { type: "bell", frequency: Math.round(frequency), gain: Math.round(gain * 10) / 10, q: 1 };
    session.set([...this.#place(session), "equalizer"], [...bands, band]);
    this.#parts.handles.children[bands.length]?.focus();
  }

  /**
   * @param {Session} session
   * @param {number} index
   * @param {Partial<Band>} change
   */
  #change(session, index, change) {
    const band = { ...this.#bands(session)[index], ...change };
    band.frequency = Math.round(clamp(band.frequency ?? 1000, Ranges.frequency));
    band.gain = Math.round(10 * clamp(band.gain ?? 0, Ranges.bandGain)) / 10;
    band.q = Math.round(100 * clamp(band.q ?? Ranges.q.standard, Ranges.q)) / 100;
    // What was said about other values is no reason for these.
    delete band.because;
    session.set([...this.#place(session), "equalizer", index], band);
  }

  /**
   * @param {Session} session
   * @param {number} index
   */
  #remove(session, index) {
    session.set([...this.#place(session), "equalizer"], this.#bands(session).filter((_, other) => other !== index));
    (this.#parts.handles.children[Math.max(0, index - 1)] ?? this.#parts.add).focus();
  }

  /** @param {Session} session */
  #update(session) {
    const bands = this.#bands(session);
    const { handles, bands: rows, add } = this.#parts;
    add.disabled = bands.length >= MAXIMUM_BANDS;
    // Elements are kept while their number stays, so that focus and dragging survive.
    while (handles.children.length > bands.length) handles.lastChild.remove();
    while (rows.children.length > bands.length) rows.lastChild.remove();
    while (handles.children.length < bands.length) handles.append(this.#handle(session, handles.children.length));
    while (rows.children.length < bands.length) rows.append(this.#row(session, rows.children.length));
    bands.forEach((band, index) => {
      const { type = "bell", frequency = 1000, gain = 0, q = Ranges.q.standard } = band;
      const handle = handles.children[index];
      handle.style.left = `${100 * xOf(frequency)}%`;
      handle.style.top = `${100 * yOf(type === "notch" ? 0 : gain)}%`;
      handle.setAttribute("aria-label", `Band ${index + 1}: ${hertz(frequency)}, ${decibels(gain)}, Q ${decimal(q)}`);
      const values = [type, frequency, gain, q];
      for (const [at, input] of rows.children[index].querySelectorAll("select, input").entries()) {
        if (document.activeElement !== input || input.tagName === "SELECT") input.value = String(values[at]);
      }
    });
    this.className = session.selection < 0 ? "" : `stem-${session.selection % 6}`;
    this.#draw(session);
  }

  /**
   * @param {Session} session
   * @param {number} index
   */
  #handle(session, index) {
    const handle = h("button", { class: "node", title: "Drag; wheel for Q; Delete removes" }, String(index + 1));
    onDrag(handle, () => ({
      move: (event) => {
        const box = this.#parts.handles.getBoundingClientRect();
        this.#change(session, index, {
          frequency: hertzAt((event.clientX - box.left) / box.width),
          gain: decibelsAt((event.clientY - box.top) / box.height),
        });
      },
    }));
    handle.addEventListener("wheel", (/** @type {WheelEvent} */ event) => {
      event.preventDefault();
      const { q = Ranges.q.standard } = this.#bands(session)[index];
      this.#change(session, index, { q: q * 2 ** (-event.deltaY / 400) });
    }, { passive: false });
    handle.addEventListener("dblclick", () => this.#change(session, index, { gain: 0 }));
    handle.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#key(event, session, index));
    return handle;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Session} session
   * @param {number} index
   */
  #key(event, session, index) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { frequency = 1000, gain = 0, q = Ranges.q.standard } = this.#bands(session)[index];
    const octave = 2 ** (event.shiftKey ? 1 / 48 : 1 / 12);
    const step = event.shiftKey ? 0.1 : 0.5;
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowRight: () => this.#change(session, index, { frequency: Math.max(frequency + 1, frequency * octave) }),
      ArrowLeft: () => this.#change(session, index, { frequency: Math.min(frequency - 1, frequency / octave) }),
      ArrowUp: () => this.#change(session, index, { gain: gain + step }),
      ArrowDown: () => this.#change(session, index, { gain: gain - step }),
      PageUp: () => this.#change(session, index, { q: q * 1.2 }),
      PageDown: () => this.#change(session, index, { q: q / 1.2 }),
      Delete: () => this.#remove(session, index),
      Backspace: () => this.#remove(session, index),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    actions[event.key]();
  }

  /**
   * @param {Session} session
   * @param {number} index
   */
  #row(session, index) {
    /** @type {(label: string, key: keyof Band, range: {minimum: number, maximum: number}, step: number) => any} */
    const number = (label, key, range, step) =>
      h("label", {}, label, h("input", {
        type: "number", min: range.minimum, max: range.maximum, step, "aria-label": `${label} of band ${index + 1}`,
        onchange: (/** @type {any} */ event) => {
          this.#change(session, index, { [key]: Number(event.target.value) });
          event.target.value = String(this.#bands(session)[index][key]);
        },
      }));
    return h("div", { class: "band", role: "group", "aria-label": `Band ${index + 1}` },
      h("span", { class: "band-number", "aria-hidden": "true" }, String(index + 1)),
      h("select", {
        "aria-label": `Shape of band ${index + 1}`,
        onchange: (/** @type {any} */ event) => this.#change(session, index, { type: event.target.value }),
      }, ...shapes.map(([value, name]) => h("option", { value }, name))),
      number("Hz", "frequency", Ranges.frequency, 1), number("dB", "gain", Ranges.bandGain, 0.1),
      number("Q", "q", Ranges.q, 0.01),
      h("button", {
        title: "Remove", "aria-label": `Remove band ${index + 1}`, onclick: () => this.#remove(session, index),
      }, "\u00d7"));
  }

  /** @param {Session} session */
  #draw(session) {
    drawEqualizer(this.#parts.canvas, (count) =>
      this.curves?.equalizer(session.plan, session.selection, session.player.sampleRate, count));
  }
}

customElements.define("tm-equalizer", EqualizerView);
