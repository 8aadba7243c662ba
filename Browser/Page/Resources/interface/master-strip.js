// SPDX-License-Identifier: MIT
// @ts-check

import { h } from "./dom.js";
import { SessionElement } from "./element.js";
import { decimal, level } from "./format.js";
import "./channel-fader.js";
import "./level-meter.js";

/** @typedef {import("../state/session.js").Session} Session */

/** Times a second that numbers change; more cannot be read. */
const READINGS_PER_SECOND = 5;

/** Loudness to reach, in LUFS; none leaves the mix as it is. */
const targets = ["-14", "-16", "-23", "-9", ""];

/** The sum: fader, loudness in LUFS, true peak, limiter. */
export class MasterStrip extends SessionElement {
  /** @type {any} */
  #parts = {};
  #readAt = 0;

  /**
   * @param {Session} session
   * @param {AbortSignal} signal
   */
  show(session, signal) {
    const reading = (/** @type {string} */ id, /** @type {string} */ name, /** @type {string} */ title) => {
      const value = h("dd", { "data-meter": id }, "\u2212\u221e");
      this.#parts[id] = value;
      return h("div", { title }, h("dt", {}, name), value);
    };
    const fader = h("tm-fader", {
      label: "Level of the master", onchange: () => session.set(["master", "gain"], fader.value),
    });
    const meter = h("tm-meter", { "aria-label": "Signal of the master" });
    const target = h("select", {
      "aria-label": "Loudness to reach",
      title: "Loudness to reach: streaming \u221214, podcasts \u221216, broadcast \u221223",
      onchange: () => session.set(["master", "loudness"], target.value === "" ? null : Number(target.value)),
    }, ...targets.map(targetOption));
    this.className = "strip master";
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", "Master");
    this.replaceChildren(
      h("button", {
        class: "strip-name", title: "Select the master", onclick: () => session.select(-1),
      }, h("span", { class: "glyph", "aria-hidden": "true" }, "\u03a3"), h("span", {}, "master")),
      h("div", { class: "fader-and-meter" }, fader, meter),
      h("dl", { class: "readings" },
        reading("momentary", "M", "Momentary loudness: the last 0.4 seconds, in LUFS"),
        reading("short", "S", "Short-term loudness: the last 3 seconds, in LUFS"),
        reading("integrated", "I", "Integrated loudness since playing began, in LUFS"),
        reading("peak", "TP", "Highest true peak since playing began, in dBTP"),
        reading("limiter", "GR", "Gain reduction of the limiter, in dB")),
      target);
    Object.assign(this.#parts, { fader, meter, target });
    session.addEventListener("plan", () => this.#update(session), { signal });
    session.addEventListener("selection", () => this.#update(session), { signal });
    this.#update(session);
  }

  /** @param {Session} session */
  #update(session) {
    const { fader, target } = this.#parts;
    fader.value = session.plan.master.gain ?? 0;
    const loudness = session.plan.master.loudness;
    const value = typeof loudness === "number" ? String(loudness) : "";
    if (![...target.options].some((/** @type {any} */ option) => option.value === value)) {
      target.replaceChildren(...[...targets, value].map(targetOption));
    }
    target.value = value;
    this.classList.toggle("selected", session.selection === -1);
  }

  frame() {
    const levels = this.session?.player.levels;
    if (!levels) return;
    this.#parts.meter.show(levels.peakDB, levels.rmsDB);
    const now = performance.now();
    if (now - this.#readAt < 1000 / READINGS_PER_SECOND) return;
    this.#readAt = now;
    const { momentary, short, integrated, peak, limiter } = this.#parts;
    momentary.textContent = level(levels.momentaryLUFS);
    short.textContent = level(levels.shortTermLUFS);
    integrated.textContent = level(levels.integratedLUFS);
    peak.textContent = level(levels.truePeakDB);
    peak.classList.toggle("over", levels.truePeakDB > 0);
    limiter.textContent = decimal(levels.limiterDB);
  }
}

/** @param {string} value */
const targetOption = (value) => h("option", { value }, value === "" ? "as it is" : `${value.replace("-", "\u2212")} LUFS`);

customElements.define("tm-master", MasterStrip);
