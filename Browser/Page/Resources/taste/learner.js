// SPDX-License-Identifier: MIT
// @ts-check
// Learns a listener's taste on the device, by MixCore in WebAssembly.

import { Core } from "../audio/core.js";
import { wasmModule } from "../audio/modules.js";
import { TasteStorage } from "./storage.js";

/** @typedef {import("../state/plan.js").MixPlan} MixPlan */
/** @typedef {{stem: string, quantity: string, change: number, deviation: number, songs: number}} Taste */

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytes = (/** @type {any} */ value) => encoder.encode(JSON.stringify(value));

/**
 * Every call reads what is saved and, where it changes something, saves it: another tab may have learned in the
 * meantime. One tab at a time is let in.
 */
export class Learner {
  #core;
  #storage;

  /**
   * @param {Core} core
   * @param {TasteStorage} storage
   */
  constructor(core, storage) {
    this.#core = core;
    this.#storage = storage;
  }

  static async open(storage = new TasteStorage()) {
    const instance = await WebAssembly.instantiate(await wasmModule("taste"), {});
    return new Learner(new Core(instance), storage);
  }

  /** What is known: the learner, the edits, the songs, and the listener's name. */
  state() {
    return this.#exclusively(() => {
      const document = JSON.parse(this.#text("listener_text"));
      const { name, learner } = document;
      const songs = document.audioMixSongs?.[name] ?? [];
      const titles = [...(document.edits ?? []), ...songs].map((entry) => entry.title ?? "");
      return {
        name, learner, titles: [...new Set(titles)], hasNetwork: Boolean(document[`userModel_${name}`]),
      };
    });
  }

  /**
   * What was learned, for a song or for songs of which nothing is known.
   * @param {number[] | null} features
   * @returns {Promise<Taste[]>}
   */
  tastes(features) {
    return this.#exclusively(() => JSON.parse(this.#text("listener_tastes", bytes(features ? { features } : {}))));
  }

  /**
   * The faders that the network predicts.
   * @param {number[] | null} features
   * @returns {Promise<Record<string, number> | null>}
   */
  faders(features) {
    return this.#exclusively(() => JSON.parse(this.#text("listener_faders", bytes(features ? { features } : {}))));
  }

  /**
   * The plan as the listener likes it.
   * @param {MixPlan} plan
   * @param {number[] | null} features
   * @returns {Promise<MixPlan>}
   */
  advise(plan, features) {
    const request = bytes({ plan, ...(features ? { features } : {}) });
    return this.#exclusively(() => JSON.parse(this.#text("listener_advise", request)));
  }

  /**
   * Learns from a mix that was kept: 5 epochs of the network, where there is one.
   * @param {{proposed: MixPlan, kept: MixPlan, title: string, features: number[] | null}} edit
   */
  learn({ features, ...edit }) {
    return this.#change(() => this.#call("listener_learn", bytes({ ...edit, ...(features ? { features } : {}) })));
  }

  /** @param {"residual" | "network"} learner */
  choose(learner) {
    return this.#change(() => this.#core.exports.listener_choose(learner === "network" ? 1 : 0));
  }

  /** Trains the network over all songs: 10 epochs. */
  retrain() { return this.#change(() => this.#core.exports.listener_retrain()); }

  /** @param {string} title */
  forget(title) { return this.#change(() => this.#call("listener_forget", encoder.encode(title))); }

  /** Forgets everything. */
  forgetAll() { return this.#locked(() => this.#storage.clear()); }

  /** @returns {Promise<string>} the listener's document */
  exported() { return this.#exclusively(() => this.#text("listener_text")); }

  /**
   * Replaces what is known by a document of ours or of a page of this kind.
   * @param {string} text
   */
  imported(text) {
    return this.#locked(() => {
      this.#call("listener_open", encoder.encode(text), new Uint8Array());
      this.#storage.replace(JSON.parse(this.#text("listener_text")));
    });
  }

  /** @param {() => void} body */
  #change(body) {
    return this.#exclusively(() => {
      body();
      this.#storage.save(JSON.parse(this.#text("listener_text")));
    });
  }

  /**
   * Works on what is saved.
   * @template T
   * @param {() => T} body
   * @returns {Promise<T>}
   */
  #exclusively(body) {
    return this.#locked(() => {
      const user = encoder.encode(this.#storage.user);
      const saved = this.#storage.load((document) => this.#result("listener_open", bytes(document), user) >= 0);
      if (saved) this.#call("listener_open", bytes(saved), user);
      else this.#call("listener_begin", user);
      return body();
    });
  }

  /**
   * @template T
   * @param {() => T} body
   * @returns {Promise<T>}
   */
  async #locked(body) {
    // Browsers have locks in secure contexts only, of which loopback is one, and not where they keep no data.
    const locks = globalThis.navigator?.locks;
    let hasBegun = false;
    const run = () => {
      hasBegun = true;
      return body();
    };
    try {
      if (locks) return await locks.request("tonmeisterTaste", run);
    } catch (error) {
      if (hasBegun) throw error;
    }
    return body();
  }

  /**
   * @param {string} name
   * @param {...Uint8Array} texts
   */
  #call(name, ...texts) {
    const result = this.#result(name, ...texts);
    if (result < 0) throw new Error(decoder.decode(this.#core.message(-result)));
    return result;
  }

  /**
   * What an export answers; negative where it has failed.
   * @param {string} name
   * @param {...Uint8Array} texts
   * @returns {number}
   */
  #result(name, ...texts) {
    return this.#core.withBytes(texts, (...places) => this.#core.exports[name](...places));
  }

  /**
   * @param {string} name
   * @param {...Uint8Array} texts
   */
  #text(name, ...texts) { return decoder.decode(this.#core.message(this.#call(name, ...texts))); }
}
