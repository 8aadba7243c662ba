// SPDX-License-Identifier: MIT
// @ts-check

import { h } from "./dom.js";

/** Panels of which one is seen (WAI-ARIA tabs with automatic activation). */
export class Tabs extends HTMLElement {
  /** @type {{id: string, tab: any, panel: any}[]} */
  #pages = [];
  selected = "";

  /**
   * @param {string} label
   * @param {[id: string, name: string, content: Element[]][]} pages
   */
  build(label, pages) {
    this.#pages = pages.map(([id, name, content]) => ({
      id,
      tab: h("button", {
        role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}`, onclick: () => this.select(id),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
      }, name),
      panel: h("div", { role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}` }, ...content),
    }));
    this.replaceChildren(
      h("div", { role: "tablist", "aria-label": label }, ...this.#pages.map(({ tab }) => tab)),
      ...this.#pages.map(({ panel }) => panel));
    this.select(pages[0][0]);
  }

  /** @param {string} id */
  select(id) {
    this.selected = id;
    for (const page of this.#pages) {
      const isSelected = page.id === id;
      page.tab.setAttribute("aria-selected", String(isSelected));
      page.tab.tabIndex = isSelected ? 0 : -1;
      page.panel.hidden = !isSelected;
    }
    this.dispatchEvent(new Event("change"));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const now = this.#pages.findIndex((page) => page.id === this.selected);
    const count = this.#pages.length;
    /** @type {Record<string, number>} */
    const places = { ArrowRight: (now + 1) % count, ArrowLeft: (now + count - 1) % count, Home: 0, End: count - 1 };
    const place = places[event.key];
    if (place === undefined) return;
    event.preventDefault();
    this.select(this.#pages[place].id);
    this.#pages[place].tab.focus();
  }
}

customElements.define("tm-tabs", Tabs);
