// SPDX-License-Identifier: MIT
// @ts-check

import { announce, announceTrouble } from "./announcer.js";
import { download, h } from "./dom.js";
import { SessionElement } from "./element.js";
import { decimal } from "./format.js";

/** @typedef {import("../state/session.js").Session} Session */
/** @typedef {import("../taste/learner.js").Learner} Learner */
/** @typedef {import("../taste/learner.js").Taste} Taste */

/** @type {Record<string, [string, string, number, string]>} more, less, digits, unit */
const directions = {
  gain: ["louder", "quieter", 1, "dB"], pan: ["further right", "further left", 2, ""],
  tilt: ["brighter", "darker", 1, "dB"], reverbSend: ["more reverb", "less reverb", 1, "dB"],
};

/** What was learned of the listener, and forgetting it. */
export class TastePanel extends SessionElement {
  /** @type {() => Promise<Learner>} */
  learner = () => Promise.reject(new Error("There is no learner."));
  /** @type {(session: Session) => Promise<number[] | null>} */
  features = async () => null;
  #parts = { found: h("div"), songs: h("div"), choice: h("fieldset") };

  /** @param {Session} session */
  show(session) {
    this.#parts = {
      found: h("div", { "aria-live": "polite" }), songs: h("div"), choice: h("fieldset", { class: "row" }),
    };
    const file = h("input", {
      type: "file", accept: ".json,application/json", class: "visually-hidden", tabIndex: -1,
      "aria-label": "A taste to import",
      onchange: () => this.#do(session, async (learner) => {
        const [chosen] = file.files;
        file.value = "";
        if (!chosen) return "";
        const { titles } = await learner.state();
        const question = `Replace what was learned from ${titles.length} songs? This cannot be undone.`;
        if (titles.length > 0 && !confirm(question)) return "";
        await learner.imported(await chosen.text()).catch((error) => {
          throw new Error(`${chosen.name} could not be imported: ${error.message}`);
        });
        return "Imported.";
      }),
    });
    const actions = h("div", { class: "row" },
      h("button", { onclick: () => this.#export() }, "Export"),
      h("button", { onclick: () => file.click() }, "Import\u2026"), file,
      h("button", {
        onclick: () => this.#do(session, (learner) => learner.retrain(), "Trained over all songs."),
      }, "Train the network anew"),
      h("button", { class: "danger", onclick: () => this.#forgetAll(session) }, "Forget everything"));
    this.replaceChildren(
      h("p", { class: "quiet small" }, "This never leaves your device: it lies in the storage of this browser."),
      this.#parts.found, this.#parts.choice, this.#parts.songs, actions);
    this.update();
  }

  /** Shows what is known now. */
  async update() {
    const { session } = this;
    if (!session || this.offsetParent === null) return;
    try {
      const learner = await this.learner();
      const features = await this.features(session).catch((error) => {
        announceTrouble(error);
        return null;
      });
      const state = await learner.state();
      const tastes = await learner.tastes(features);
      const faders = await learner.faders(features);
      if (this.session !== session) return;
      this.#showFound(tastes, faders, state.titles.length, state.learner);
      this.#showChoice(session, state.learner);
      this.#showSongs(session, state.titles);
    } catch (error) {
      announceTrouble(error);
    }
  }

  /**
   * @param {Taste[]} tastes
   * @param {Record<string, number> | null} faders
   * @param {number} songCount
   * @param {string} learner
   */
  #showFound(tastes, faders, songCount, learner) {
    const smallest = (/** @type {Taste} */ taste) => (taste.quantity === "pan" ? 0.02 : 0.1);
    const lines = tastes.filter((taste) => Math.abs(taste.change) >= smallest(taste)).map(words);
    const network = Object.entries(faders ?? {}).map(([stem, gain]) => `${stem} ${decimal(gain)} dB`).join(", ");
    const missing = 3 - songCount;
    const hint = missing > 0
      ? `Nothing is changed before three songs are saved; ${missing} more.` : "No likings that stand out yet.";
    this.#parts.found.replaceChildren(
      h("h2", {}, "You like"),
      lines.length > 0 ? h("ul", {}, ...lines.map((line) => h("li", {}, line))) : h("p", {}, hint),
      ...(learner === "network" && network ? [h("p", {}, `For this song, your network puts ${network}.`)] : []));
  }

  /**
   * @param {Session} session
   * @param {string} current
   */
  #showChoice(session, current) {
    const option = (/** @type {"residual" | "network"} */ value, /** @type {string} */ text) =>
      h("label", { class: "check" }, h("input", {
        type: "radio", name: "learner", value, checked: current === value,
        onchange: () => this.#do(session, (learner) => learner.choose(value), ""),
      }), text);
    const { choice } = this.#parts;
    const hadFocus = choice.contains(document.activeElement);
    choice.replaceChildren(
      h("legend", {}, "Learn by"),
      option("residual", "what you change about proposals"),
      option("network", "a neural network of faders"));
    if (hadFocus) choice.querySelector(":checked")?.focus();
  }

  /**
   * @param {Session} session
   * @param {string[]} titles
   */
  #showSongs(session, titles) {
    const songs = titles.map((title) => h("li", {}, h("span", {}, title || "(no title)"),
      h("button", {
        class: "link", "aria-label": `Forget ${title || "the song without a title"}`,
        onclick: () => this.#do(session, (learner) => learner.forget(title), "Forgotten."),
      }, "forget")));
    const count = `${titles.length} ${titles.length === 1 ? "song" : "songs"}`;
    const heading = h("h2", { tabIndex: -1 }, `Learned from ${count}`);
    const { songs: place } = this.#parts;
    const focused = [...place.querySelectorAll("button")].findIndex((button) => button === document.activeElement);
    place.replaceChildren(heading, h("ul", { class: "songs" }, ...songs));
    // Who has forgotten a song is at the next one.
    const buttons = place.querySelectorAll("button");
    if (focused >= 0) (buttons[Math.min(focused, buttons.length - 1)] ?? heading).focus();
  }

  /**
   * @param {Session} session
   * @param {(learner: Learner) => Promise<any>} work
   * @param {string} [news] what to say; by default what the work gives
   */
  async #do(session, work, news) {
    try {
      const result = await work(await this.learner());
      if (news ?? result) announce(news ?? result);
      if (this.session === session) await this.update();
    } catch (error) {
      announceTrouble(error);
    }
  }

  async #export() {
    try {
      const text = await (await this.learner()).exported();
      download(new Blob([text], { type: "application/json" }), "taste.json");
    } catch (error) {
      announceTrouble(error);
    }
  }

  /** @param {Session} session */
  #forgetAll(session) {
    if (!confirm("Forget everything that was learned of you? This cannot be undone.")) return;
    this.#do(session, (learner) => learner.forgetAll(), "Everything is forgotten.");
  }
}

/** @param {Taste} taste */
function words({ stem, quantity, change, deviation, songs }) {
  const [more, less, digits, unit] = directions[quantity] ?? ["more", "less", 1, ""];
  const size = `${decimal(Math.abs(change), digits)}${unit ? ` ${unit}` : ""}`;
  const source = `from ${songs} ${songs === 1 ? "song" : "songs"}`;
  return `${stem} ${size} ${change > 0 ? more : less} (\u00b1 ${decimal(deviation, digits)}, ${source})`;
}

customElements.define("tm-taste", TastePanel);
