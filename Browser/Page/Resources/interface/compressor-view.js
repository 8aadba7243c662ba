// SPDX-License-Identifier: MIT
// @ts-check

import { Ranges, valueAt } from "../state/plan.js";
import { compressorControls } from "../state/sections.js";
import { colour, h, surface } from "./dom.js";
import { onDrag } from "./drag.js";
import { SessionElement } from "./element.js";
import { decimal } from "./format.js";
import { ValueSliders } from "./value-sliders.js";

/** @typedef {import("../state/session.js").Session} Session */

const CURVE_POINTS = 161;
const LOWEST_DB = -80;

/** The compressor of what is selected: its curve with a handle, its values, and what it does at the moment. */
export class CompressorView extends SessionElement {
  /** @type {import("../audio/curves.js").Curves | null} */
  curves = null;
  /** @type {any} */
  #parts = {};

  /**
   * @param {Session} session
   * @param {AbortSignal} signal
   */
  show(session, signal) {
    const isOn = h("input", {
      type: "checkbox", onchange: () => session.set(this.#place(session), isOn.checked ? {} : null),
    });
    const canvas = h("canvas", { "aria-hidden": "true" });
    const handle = h("button", { class: "node", title: "Drag: threshold and ratio" }, "\u25cf");
    const picture = h("div", { class: "picture square" }, canvas, h("div", { class: "handles" }, handle));
    const now = h("span", { class: "reduction-now" });
    const set = (/** @type {string} */ name, /** @type {any} */ value) =>
      session.set([...this.#place(session), name], value);
    const sliders = new ValueSliders(compressorControls, "", set);
    const key = h("select", { onchange: () => set("sideChain", key.value === "" ? null : key.value) });
    const keyLabel = h("label", { class: "row" }, "Listens to", key);
    this.#parts = { isOn, canvas, handle, picture, now, sliders, key, keyLabel };
    this.replaceChildren(
      h("div", { class: "row", "data-key": "compressor" }, h("label", { class: "check" }, isOn, "Compressor"), now),
      h("div", { class: "side-by-side" }, picture, h("div", {}, sliders.element, keyLabel)));
    this.#listen(session, handle);
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
  #place(session) { return [...(session.selection < 0 ? ["master"] : ["tracks", session.selection]), "compressor"]; }

  /** @param {Session} session */
  #compressor(session) { return valueAt(session.plan, this.#place(session)); }

  /**
   * @param {Session} session
   * @param {Partial<Record<keyof typeof Ranges, number>>} values
   */
  #set(session, values) {
    if (!this.#compressor(session)) return;
    const rounded = Object.entries(values).map(([key, value]) => {
      const { minimum, maximum } = Ranges[/** @type {keyof typeof Ranges} */ (key)];
      return [key, Math.round(100 * Math.min(maximum, Math.max(minimum, value))) / 100];
    });
    session.setAll(this.#place(session), Object.fromEntries(rounded));
  }

  /**
   * @param {Session} session
   * @param {any} handle
   */
  #listen(session, handle) {
    onDrag(handle, (start) => {
      const { threshold = -18, ratio = 2 } = this.#compressor(session) ?? {};
      const { width, height } = this.#parts.picture.getBoundingClientRect();
      const move = (/** @type {PointerEvent} */ event) => {
        this.#set(session, {
          threshold: threshold + ((event.clientX - start.clientX) / width) * -LOWEST_DB,
          ratio: ratio * 2 ** ((3 * (event.clientY - start.clientY)) / height),
        });
      };
      return { move };
    });
    handle.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const compressor = this.#compressor(session);
      if (!compressor || event.ctrlKey || event.metaKey || event.altKey) return;
      const { threshold = -18, ratio = 2 } = compressor;
      /** @type {Record<string, Partial<Record<keyof typeof Ranges, number>>>} */
      const values = {
        ArrowLeft: { threshold: threshold - 0.5 }, ArrowRight: { threshold: threshold + 0.5 },
        ArrowUp: { ratio: ratio - 0.1 }, ArrowDown: { ratio: ratio + 0.1 },
      };
      if (!values[event.key]) return;
      event.preventDefault();
      event.stopPropagation();
      this.#set(session, values[event.key]);
    });
  }

  /** @param {Session} session */
  #update(session) {
    const compressor = this.#compressor(session);
    const { isOn, handle, sliders, key, keyLabel } = this.#parts;
    isOn.checked = Boolean(compressor);
    handle.hidden = !compressor;
    sliders.update(compressor);
    keyLabel.hidden = !compressor || session.selection < 0;
    key.replaceChildren(
      h("option", { value: "" }, "itself"),
      ...session.names.filter((_, track) => track !== session.selection).map((name) => h("option", { value: name }, name)));
    key.value = compressor?.sideChain ?? "";
    const { threshold = -18, ratio = 2 } = compressor ?? {};
    handle.style.left = `${100 * (1 - threshold / LOWEST_DB)}%`;
    handle.style.top = `${100 * (threshold / LOWEST_DB)}%`;
    handle.setAttribute("aria-label", `Threshold ${decimal(threshold)} dB, ratio ${decimal(ratio)} to 1`);
    this.className = session.selection < 0 ? "" : `stem-${session.selection % 6}`;
    this.#draw(session);
  }

  /** @param {Session} session */
  #draw(session) {
    const drawing = this.#parts.canvas && surface(this.#parts.canvas);
    if (!drawing) return;
    const { context, width, height } = drawing;
    context.fillStyle = colour(this, "--line");
    for (let decibels = -60; decibels < 0; decibels += 20) {
      context.fillRect(Math.round((1 - decibels / LOWEST_DB) * width), 0, 1, height);
      context.fillRect(0, Math.round((decibels / LOWEST_DB) * height), width, 1);
    }
    context.strokeStyle = colour(this, "--line");
    context.beginPath();
    context.moveTo(0, height);
    context.lineTo(width, 0);
    context.stroke();
    const curve = this.curves?.compressor(session.plan, session.selection, CURVE_POINTS);
    if (!curve) return;
    context.strokeStyle = colour(this, "--stem");
    context.lineWidth = 2;
    context.beginPath();
    curve.forEach((output, point) => {
      context.lineTo((point / (CURVE_POINTS - 1)) * width, (output / LOWEST_DB) * height);
    });
    context.stroke();
  }

  frame() {
    const { session } = this;
    if (!session || this.offsetParent === null) return;
    const reduction = session.player.levels?.tracks[session.selection]?.reductionDB ?? 0;
    const text = reduction >= 0.05 ? `now \u2212${decimal(reduction)} dB` : "";
    if (this.#parts.now.textContent !== text) this.#parts.now.textContent = text;
  }
}

customElements.define("tm-compressor", CompressorView);
