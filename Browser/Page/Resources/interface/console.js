// SPDX-License-Identifier: MIT
// @ts-check

import { SessionElement } from "./element.js";
import "./channel-strip.js";
import "./master-strip.js";

/** All strips, and the master. */
export class MixingConsole extends SessionElement {
  /** @type {SessionElement[]} */
  #strips = [];

  /** @param {import("../state/session.js").Session} session */
  show(session) {
    const strips = session.names.map((_, track) => {
      const strip = /** @type {import("./channel-strip.js").ChannelStrip} */ (document.createElement("tm-strip"));
      strip.track = track;
      return strip;
    });
    const master = /** @type {SessionElement} */ (document.createElement("tm-master"));
    this.#strips = [...strips, master];
    this.replaceChildren(...this.#strips);
    for (const strip of this.#strips) strip.session = session;
  }

  frame() { for (const strip of this.#strips) strip.frame(); }
}

customElements.define("tm-console", MixingConsole);
