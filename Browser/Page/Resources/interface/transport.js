// SPDX-License-Identifier: MIT
// @ts-check

import { presets } from "../state/presets.js";
import { h } from "./dom.js";
import { SessionElement } from "./element.js";
import { clock, decibels } from "./format.js";

/** @typedef {import("../state/session.js").Session} Session */

/** Play, place, loop, zoom, presets, comparing, undo and redo. */
export class Transport extends SessionElement {
  /** @type {any} */
  #parts = {};
  #shown = "";

  /** @type {import("./timeline.js").Timeline | null} */
  timeline = null;

  /**
   * @param {Session} session
   * @param {AbortSignal} signal
   */
  show(session, signal) {
    const { player } = session;
    /** @type {(text: string, label: string, onclick: () => void) => any} */
    const button = (text, label, onclick) => h("button", { title: label, "aria-label": label, onclick }, text);
    const total = clock(player.frameCount / player.sampleRate);
    const play = button("\u25b6", "Play (Space)", () => (player.isPlaying ? player.pause() : player.play()));
    play.className = "play";
    const time = h("span", { class: "time" }, clock(0));
    const loop = button("Loop", "Loop (L)", () => this.timeline?.toggleLoop());
    const compare = button("Original", "Hear the original at the same loudness (A)", () =>
      session.listenToOriginal(!session.isOriginal));
    compare.hidden = !session.hasOriginal;
    const undo = button("\u21b6", "Undo (Ctrl Z)", () => session.undo());
    const redo = button("\u21b7", "Redo (Ctrl Y)", () => session.redo());
    const choice = h("select", {
      "aria-label": "Preset", onchange: () => {
        const preset = presets.find((one) => one.id === choice.value);
        if (preset) session.apply(preset);
        choice.value = "";
      },
    }, h("option", { value: "" }, "Presets\u2026"),
      ...presets.filter((one) => one.fits(session.plan)).map((one) => h("option", { value: one.id }, one.name)));
    const state = h("span", { class: "transport-state", role: "status" });
    this.#parts = { play, time, loop, compare, undo, redo, state };
    this.setAttribute("role", "toolbar");
    this.setAttribute("aria-label", "Transport");
    this.replaceChildren(
      play, h("span", { class: "clock" }, time, h("span", { class: "quiet" }, ` / ${total}`)),
      loop, compare, choice,
      h("span", { class: "group" },
        button("\u2212", "Zoom out (\u2212)", () => this.timeline?.zoom(2)),
        button("+", "Zoom in (+)", () => this.timeline?.zoom(0.5)),
        button("Fit", "See the whole song", () => this.timeline?.fit())),
      h("span", { class: "group" }, undo, redo), state);
    const update = () => this.#update(session);
    for (const event of ["plan", "monitor"]) session.addEventListener(event, update, { signal });
    player.addEventListener("state", update, { signal });
    this.timeline?.addEventListener("loop", update, { signal });
    update();
  }

  /** @param {Session} session */
  #update(session) {
    const { play, loop, compare, undo, redo, state } = this.#parts;
    const { player } = session;
    play.textContent = player.isPlaying ? "\u275a\u275a" : "\u25b6";
    play.setAttribute("aria-label", player.isPlaying ? "Pause (Space)" : "Play (Space)");
    play.classList.toggle("playing", player.isPlaying);
    loop.setAttribute("aria-pressed", String(player.loop !== null));
    compare.setAttribute("aria-pressed", String(session.isOriginal));
    undo.disabled = !session.canUndo;
    redo.disabled = !session.canRedo;
    let text = "";
    const { mix, original } = session.comparison;
    const shown = (/** @type {number} */ gain) => decibels(20 * Math.log10(gain));
    if (session.isOriginal) text = `Original at ${shown(original)}, as loud as the mix`;
    else if (mix < 1) text = `Mix at ${shown(mix)}, as loud as the original`;
    if (player.isPlaying && player.isWaiting) text = "Loading\u2026";
    if (!player.isComplete) text = "Only faders and pan are heard here; the export has everything.";
    if (state.textContent !== text) state.textContent = text;
  }

  frame() {
    const { session } = this;
    if (!session) return;
    const { now, frameCount, sampleRate } = session.player;
    const text = clock(Math.min(now, frameCount) / sampleRate, true);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#parts.time.textContent = text;
  }
}

customElements.define("tm-transport", Transport);
