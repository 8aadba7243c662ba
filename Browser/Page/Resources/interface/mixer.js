// SPDX-License-Identifier: MIT
// @ts-check

import { Curves } from "../audio/curves.js";
import { announceTrouble } from "./announcer.js";
import { dynamicsSections, equalizerSections, roomSections } from "../state/sections.js";
import { SessionElement } from "./element.js";
import "./compressor-view.js";
import "./console.js";
import "./decisions-panel.js";
import "./equalizer-view.js";
import "./export-panel.js";
import "./section-view.js";
import "./tabs.js";
import "./taste-panel.js";
import "./timeline.js";
import "./transport.js";

/** @typedef {import("../state/session.js").Session} Session */

/** @param {import("../state/sections.js").Section[]} sections */
function sectionsOf(sections) {
  const view = /** @type {import("./section-view.js").SectionView} */ (document.createElement("tm-sections"));
  view.sections = sections;
  return view;
}

/** Everything that is seen of a song that is open. */
export class Mixer extends SessionElement {
  timeline = /** @type {import("./timeline.js").Timeline} */ (document.createElement("tm-timeline"));
  transport = /** @type {import("./transport.js").Transport} */ (document.createElement("tm-transport"));
  console = /** @type {import("./console.js").MixingConsole} */ (document.createElement("tm-console"));
  tabs = /** @type {import("./tabs.js").Tabs} */ (document.createElement("tm-tabs"));
  decisions = /** @type {import("./decisions-panel.js").DecisionsPanel} */ (document.createElement("tm-decisions"));
  equalizer = /** @type {import("./equalizer-view.js").EqualizerView} */ (document.createElement("tm-equalizer"));
  compressor = /** @type {import("./compressor-view.js").CompressorView} */ (document.createElement("tm-compressor"));
  filters = sectionsOf(equalizerSections);
  dynamics = sectionsOf(dynamicsSections);
  room = sectionsOf(roomSections);
  taste = /** @type {import("./taste-panel.js").TastePanel} */ (document.createElement("tm-taste"));
  exporting = /** @type {import("./export-panel.js").ExportPanel} */ (document.createElement("tm-export"));
  #selected = document.createElement("p");
  #isBuilt = false;

  get #all() {
    return [
      this.timeline, this.transport, this.console, this.decisions, this.equalizer, this.filters, this.compressor,
      this.dynamics, this.room, this.taste, this.exporting,
    ];
  }

  #build() {
    this.transport.timeline = this.timeline;
    this.decisions.openTab = (tab) => this.tabs.select(tab);
    this.#selected.className = "selected-name";
    this.tabs.build("Tools", [
      ["decisions", "Automatic", [this.decisions]],
      ["equalizer", "Equalizer", [this.equalizer, this.filters]],
      ["dynamics", "Dynamics", [this.compressor, this.dynamics]],
      ["room", "Room", [this.room]],
      ["taste", "Taste", [this.taste]],
      ["export", "Export", [this.exporting]],
    ]);
    this.tabs.addEventListener("change", () => {
      if (this.tabs.selected === "taste") this.taste.update();
      this.#showSelected();
    });
    Curves.open().then((curves) => {
      this.equalizer.curves = this.compressor.curves = curves;
      this.equalizer.refresh();
      this.compressor.refresh();
    }, announceTrouble);
    this.#isBuilt = true;
  }

  /**
   * @param {Session} session
   * @param {AbortSignal} signal
   */
  show(session, signal) {
    if (!this.#isBuilt) this.#build();
    const desk = document.createElement("div");
    desk.className = "desk";
    const tools = document.createElement("section");
    tools.className = "tools";
    tools.setAttribute("aria-label", "Tools");
    tools.append(this.tabs);
    this.tabs.querySelector("[role=tablist]")?.after(this.#selected);
    desk.append(this.console, tools);
    this.append(this.transport, this.timeline, desk);
    for (const part of this.#all) part.session = session;
    session.addEventListener("selection", () => this.#showSelected(), { signal });
    this.#showSelected();
  }

  #showSelected() {
    const { session } = this;
    if (!session) return;
    const isOfOne = ["equalizer", "dynamics", "room"].includes(this.tabs.selected);
    this.#selected.hidden = !isOfOne;
    this.#selected.textContent = session.selection < 0 ? "master" : session.names[session.selection];
  }

  /** Lets go of the song. */
  close() {
    for (const part of this.#all) part.session = null;
    this.session = null;
  }

  /** Draws in the colours of the theme. */
  refresh() {
    this.timeline.refresh();
    this.equalizer.refresh();
    this.compressor.refresh();
  }

  frame() {
    this.timeline.frame();
    this.transport.frame();
    this.console.frame();
    this.compressor.frame();
  }
}

customElements.define("tm-mixer", Mixer);
