// SPDX-License-Identifier: MIT
// @ts-check

import { isAudible } from "../state/plan.js";
import { h } from "./dom.js";
import { SessionElement } from "./element.js";
import { decimal, pan } from "./format.js";
import { glyph } from "./glyphs.js";
import "./channel-fader.js";
import "./level-meter.js";

/** @typedef {import("../state/session.js").Session} Session */

/** The strip of a stem: pan, mute, solo, fader and meter. `track` has to be set before `session`. */
export class ChannelStrip extends SessionElement {
  track = 0;
  /** @type {any} */
  #parts = {};

  /**
   * @param {Session} session
   * @param {AbortSignal} signal
   */
  show(session, signal) {
    const name = session.names[this.track];
    const place = ["tracks", this.track];
    /** @type {(key: "mute" | "solo", title: string) => any} */
    const toggle = (key, title) => h("button", {
      class: `toggle ${key}`, title: `${title} (${title[0]})`, "aria-label": `${title} ${name}`,
      onclick: () => session.set([...place, key], !session.plan.tracks[this.track][key]),
    }, title[0]);
    const parts = {
      name: h("button", {
        class: "strip-name", title: `Select ${name} (${this.track + 1})`, onclick: () => session.select(this.track),
      }, glyph(this.track), h("span", {}, name)),
      pan: h("input", {
        type: "range", class: "pan", min: -1, max: 1, step: 0.02, "aria-label": `Pan of ${name}`,
        oninput: (/** @type {any} */ event) => session.set([...place, "pan"], Number(event.target.value)),
        ondblclick: () => session.set([...place, "pan"], 0),
      }),
      mute: toggle("mute", "Mute"),
      solo: toggle("solo", "Solo"),
      fader: h("tm-fader", {
        label: `Level of ${name}`,
        onchange: () => session.set([...place, "gain"], parts.fader.value),
      }),
      meter: h("tm-meter", { "aria-label": `Signal of ${name}` }),
      reduction: h("span", { class: "reduction", title: "Gain reduction of the compressor" }),
    };
    this.#parts = parts;
    this.className = `strip stem-${this.track % 6}`;
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", name);
    this.replaceChildren(
      parts.name, parts.pan, h("div", { class: "toggles" }, parts.mute, parts.solo),
      h("div", { class: "fader-and-meter" }, parts.fader, parts.meter), parts.reduction);
    this.addEventListener("focusin", () => session.select(this.track), { signal });
    session.addEventListener("plan", () => this.#update(session), { signal });
    session.addEventListener("selection", () => this.#update(session), { signal });
    this.#update(session);
  }

  /** @param {Session} session */
  #update(session) {
    const track = session.plan.tracks[this.track];
    const { name, pan: slider, mute, solo, fader } = this.#parts;
    fader.value = track.gain ?? 0;
    slider.value = String(track.pan ?? 0);
    slider.setAttribute("aria-valuetext", pan(track.pan ?? 0));
    slider.title = `Pan: ${pan(track.pan ?? 0)}; double click for the centre`;
    mute.setAttribute("aria-pressed", String(Boolean(track.mute)));
    solo.setAttribute("aria-pressed", String(Boolean(track.solo)));
    this.classList.toggle("silent", !isAudible(session.plan, this.track));
    this.classList.toggle("selected", session.selection === this.track);
    name.setAttribute("aria-current", String(session.selection === this.track));
  }

  frame() {
    const levels = this.session?.player.levels?.tracks[this.track];
    this.#parts.meter?.show(levels?.peakDB ?? -Infinity, levels?.rmsDB ?? -Infinity);
    const reduction = levels?.reductionDB ?? 0;
    const text = reduction >= 0.1 ? `\u2193 ${decimal(reduction)}` : "";
    if (this.#parts.reduction && this.#parts.reduction.textContent !== text) this.#parts.reduction.textContent = text;
  }
}

customElements.define("tm-strip", ChannelStrip);
