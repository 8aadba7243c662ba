// SPDX-License-Identifier: MIT
// @ts-check

/** @typedef {import("../state/session.js").Session} Session */

/** An element that shows a song that is open, and lets go of it when another is. */
export class SessionElement extends HTMLElement {
  /** @type {Session | null} */
  #session = null;
  #binding = new AbortController();

  get session() { return this.#session; }

  set session(session) {
    this.#binding.abort();
    this.#binding = new AbortController();
    this.#session = session;
    this.replaceChildren();
    if (session) this.show(session, this.#binding.signal);
  }

  /**
   * Builds the element and listens to the song for as long as it is shown.
   * @param {Session} session
   * @param {AbortSignal} signal for the listeners
   */
  show(session, signal) {}

  /** Draws what moves; called before every frame that is painted. */
  frame() {}
}
