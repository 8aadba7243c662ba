// SPDX-License-Identifier: MIT
// @ts-check

import { h } from "./dom.js";
import { keyHelp } from "./keys.js";

/** The keys, and what the page does with your data. */
export class HelpDialog extends HTMLElement {
  #dialog = h("dialog", { "aria-labelledby": "help-title" },
    h("h2", { id: "help-title" }, "Keys"),
    h("dl", { class: "keys" }, ...keyHelp.map(([keys, what]) =>
      h("div", {}, h("dt", {}, h("kbd", {}, keys)), h("dd", {}, what)))),
    h("p", {}, "On a fader, arrows move by 0.5 dB (Shift 0.1), Page Up and Down by 3, and 0 or a double click ",
      "resets. Drag over the waveforms for a loop; Ctrl and the wheel zoom."),
    h("p", { class: "quiet" }, "Songs go to the Tonmeister server that this page came from and nowhere else. ",
      "Your taste stays in this browser."),
    h("form", { method: "dialog" }, h("button", { class: "primary" }, "Close")));

  connectedCallback() { this.replaceChildren(this.#dialog); }

  show() {
    if (this.#dialog.open) return;
    this.#dialog.showModal();
    // The button that gets the focus is at the end.
    this.#dialog.scrollTop = 0;
  }
}

customElements.define("tm-help", HelpDialog);
