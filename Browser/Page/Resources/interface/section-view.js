// SPDX-License-Identifier: MIT
// @ts-check

import { valueAt } from "../state/plan.js";
import { h } from "./dom.js";
import { SessionElement } from "./element.js";
import { ValueSliders } from "./value-sliders.js";

/** @typedef {import("../state/session.js").Session} Session */
/** @typedef {import("../state/sections.js").Section} Section */

/** Sections of the plan, of what is selected or of all of it: switches and sliders. */
export class SectionView extends SessionElement {
  /** @type {Section[]} */
  sections = [];

  /**
   * @param {Session} session
   * @param {AbortSignal} signal
   */
  show(session, signal) {
    const updates = this.sections.map((section) => this.#build(session, section));
    const update = () => {
      this.className = session.selection < 0 ? "" : `stem-${session.selection % 6}`;
      for (const one of updates) one();
    };
    session.addEventListener("plan", update, { signal });
    session.addEventListener("selection", update, { signal });
    update();
  }

  /**
   * Builds a section; what it gives brings it up to date.
   * @param {Session} session
   * @param {Section} section
   */
  #build(session, section) {
    const { name, key, start, controls } = section;
    const place = () => placeOf(session, section);
    const values = () => (key === undefined || section.isValue ? place() : [...place(), key]);
    const isOn = h("input", {
      type: "checkbox", onchange: () => session.set([...place(), key ?? ""], isOn.checked ? start : null),
    });
    const begin = section.isValue && key !== undefined ? { [key]: start } : start;
    const sliders = new ValueSliders(controls, name, (id, value) => session.set([...values(), id], value), begin);
    const group = h("div", { class: "section", role: "group", "aria-label": name, "data-key": key },
      key === undefined ? h("h2", {}, name) : h("label", { class: "check" }, isOn, name), sliders.element);
    this.append(group);
    return () => {
      group.hidden = isAway(session, section.place);
      if (group.hidden) return;
      const held = key === undefined ? true : valueAt(session.plan, [...place(), key]);
      const isThere = held !== null && held !== undefined;
      isOn.checked = isThere;
      sliders.element.hidden = !isThere;
      sliders.update(isThere ? valueAt(session.plan, values()) : null);
    };
  }
}

/**
 * Whether what is selected has no such section.
 * @param {Session} session
 * @param {Section["place"]} place
 */
function isAway({ selection, plan }, place) {
  return { track: selection < 0, master: selection >= 0, room: !plan.reverb, strip: false, plan: false }[place];
}

/**
 * @param {Session} session
 * @param {Section} section
 * @returns {import("../state/plan.js").Path}
 */
function placeOf(session, { place }) {
  if (place === "plan") return [];
  if (place === "room") return ["reverb"];
  return session.selection < 0 ? ["master"] : ["tracks", session.selection];
}

customElements.define("tm-sections", SectionView);
