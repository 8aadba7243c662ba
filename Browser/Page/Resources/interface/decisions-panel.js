// SPDX-License-Identifier: MIT
// @ts-check

import { decisions, stateOf, withDecision } from "../state/decisions.js";
import { h } from "./dom.js";
import { SessionElement } from "./element.js";
import { decibels, decimal, hertz, pan } from "./format.js";
import { glyph } from "./glyphs.js";

/** @typedef {import("../state/session.js").Session} Session */
/** @typedef {import("../state/decisions.js").Decision} Decision */

/** @type {[string, string[]][]} */
const tabs = [
  ["equalizer", ["equalizer", "highPass", "lowPass"]],
  ["dynamics", ["compressor", "gate", "deEsser", "saturation", "loudness", "limiter"]],
  ["room", ["reverbSend", "width"]],
];

/** The automatic mix: asks for it, and shows each decision with its reason, to be taken or left. */
export class DecisionsPanel extends SessionElement {
  /** @type {(session: Session) => Promise<void>} */
  propose = async () => {};
  /** @type {(session: Session) => Promise<void>} */
  saveTaste = async () => {};
  /** @type {(tab: string) => void} */
  openTab = () => {};

  /**
   * @param {Session} session
   * @param {AbortSignal} signal
   */
  show(session, signal) {
    const busy = async (/** @type {any} */ button, /** @type {() => Promise<void>} */ work) => {
      button.disabled = true;
      try {
        await work();
      } finally {
        button.disabled = false;
      }
    };
    const mix = h("button", {
      class: "primary", onclick: () => busy(mix, () => this.propose(session)),
    }, "Mix it for me");
    const save = h("button", { onclick: () => busy(save, () => this.saveTaste(session)) }, "Save as my taste");
    const list = h("div", { class: "decisions" });
    const { because = [], warnings = [] } = session.job;
    const found = [...because, ...warnings];
    this.replaceChildren(
      ...(found.length > 0 ? [h("ul", { class: "found" }, ...found.map((line) => h("li", {}, line)))] : []),
      h("div", { class: "row" }, mix, save),
      h("p", { class: "quiet small" },
        "The automatic mix says what it does and why; untick what you do not want, move what should be otherwise. ",
        "\u201cSave as my taste\u201d learns from the difference, on this device only."),
      list);
    const build = () => this.#build(session, list);
    session.addEventListener("proposal", build, { signal });
    session.addEventListener("plan", () => this.#update(session, list), { signal });
    build();
  }

  /**
   * @param {Session} session
   * @param {any} list
   */
  #build(session, list) {
    list.replaceChildren();
    const { proposal } = session;
    if (!proposal) return;
    const found = decisions(proposal.before, proposal.plan);
    if (found.length === 0) list.append(h("p", {}, "Nothing has to be changed."));
    for (const track of new Set(found.map((decision) => decision.track))) {
      const index = session.names.indexOf(track);
      const own = found.filter((decision) => decision.track === track);
      list.append(
        h("h2", {}, index < 0 ? "" : glyph(index), ` ${track}`),
        h("ul", {}, ...own.map((decision) => this.#item(session, decision))));
    }
    this.#update(session, list);
  }

  /**
   * @param {Session} session
   * @param {Decision} decision
   */
  #item(session, decision) {
    const box = h("input", {
      type: "checkbox", onchange: () => session.setPlan(withDecision(session.plan, decision, box.checked)),
    });
    const item = h("li", {},
      h("label", { class: "check" }, box, h("span", {}, h("b", {}, decision.what), ` ${describe(decision)}`)),
      h("button", { class: "link", onclick: () => this.#change(session, decision) }, "change"),
      ...decision.reasons.map((reason) => h("p", { class: "reason" }, reason)));
    item.decision = decision;
    item.box = box;
    return item;
  }

  /**
   * Goes to where a value is changed.
   * @param {Session} session
   * @param {Decision} decision
   */
  #change(session, decision) {
    session.select(decision.path[0] === "tracks" ? Number(decision.path[1]) : -1);
    const tab = tabOf(decision.path);
    if (tab) {
      this.openTab(tab);
      const keys = decision.path[0] === "reverb" ? ["reverb"] : decision.path.map(String);
      const places = [...document.querySelectorAll("[data-key]")];
      const place = places.find((one) => keys.includes(/** @type {HTMLElement} */ (one).dataset.key ?? ""));
      const input = /** @type {HTMLElement | null} */ (place?.querySelector("input, button") ?? null);
      input?.focus();
      input?.scrollIntoView({ block: "nearest" });
    } else /** @type {HTMLElement | null} */ (document.querySelector("tm-console .selected input.fader"))?.focus();
  }

  /**
   * @param {Session} session
   * @param {Element} list
   */
  #update(session, list) {
    for (const item of /** @type {any} */ (list.querySelectorAll("li"))) {
      const state = stateOf(session.plan, item.decision);
      item.box.checked = state !== "left";
      item.dataset.state = state;
    }
  }
}

/**
 * Where a value is changed; nothing where its strip has it.
 * @param {import("../state/plan.js").Path} path
 */
function tabOf(path) {
  if (path[0] === "reverb") return "room";
  return tabs.find(([, keys]) => path.some((part) => keys.includes(String(part))))?.[0];
}

/** @param {Decision} decision */
function describe({ path, value, isBand, what }) {
  if (isBand) return `${value.type ?? "bell"} ${hertz(value.frequency ?? 1000)} ${decibels(value.gain ?? 0)}`;
  if (what === "pan") return pan(value);
  if (what === "loudness") return value === null ? "as it is" : `${decimal(value)} LUFS`;
  if (what === "limiter") return `${decimal(value?.ceiling ?? -1)} dBTP`;
  if (what === "compressor") return `${decimal(value?.ratio ?? 2)} : 1 above ${decimal(value?.threshold ?? -18)} dB`;
  if (value?.frequency) return hertz(value.frequency);
  const key = path[path.length - 1];
  if (typeof value === "number") {
    if (/gain|send|early/i.test(String(key))) return decibels(value);
    if (/decay/i.test(String(key))) return `${decimal(value)} s`;
    return /delay/i.test(String(key)) ? `${decimal(value)} ms` : decimal(value, 2);
  }
  return typeof value === "boolean" ? (value ? "on" : "off") : "";
}

customElements.define("tm-decisions", DecisionsPanel);
