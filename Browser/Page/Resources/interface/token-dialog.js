// SPDX-License-Identifier: MIT
// @ts-check

import { keep, tabStorage } from "../state/browser-storage.js";
import { h } from "./dom.js";

const KEY = "tonmeisterToken";

/** Asks for the token of a server that wants one; it is kept for this tab. */
export class TokenDialog extends HTMLElement {
  #wrong = h("p", { role: "alert", hidden: true }, "The server does not know that one.");
  #input = h("input", { type: "password", autocomplete: "off", required: true, id: "token-text" });
  #dialog = h("dialog", { "aria-labelledby": "token-title" },
    h("form", { method: "dialog" },
      h("h2", { id: "token-title" }, "This server asks for a token"),
      h("p", {}, "It is in the file that tonmeister serve was started with."), this.#wrong,
      h("label", { htmlFor: "token-text" }, "Token "), this.#input,
      h("p", {}, h("button", { class: "primary" }, "Use it"))));

  connectedCallback() { this.replaceChildren(this.#dialog); }

  get kept() { return tabStorage.getItem(KEY) ?? ""; }

  /** @returns {Promise<string>} */
  ask() {
    this.#wrong.hidden = this.#input.value === "";
    if (!this.#dialog.open) this.#dialog.showModal();
    return new Promise((resolve) => {
      this.#dialog.addEventListener("close", () => {
        keep(tabStorage, KEY, this.#input.value);
        resolve(this.#input.value);
      }, { once: true });
    });
  }
}

customElements.define("tm-token", TokenDialog);
