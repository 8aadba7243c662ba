// SPDX-License-Identifier: MIT
// @ts-check
// Plays a song's stems through the mixing desk on the audio thread, and keeps it supplied with windows.

import { isRefusal } from "../service/api.js";
import { pause } from "../service/pause.js";
import { wasmModule } from "./modules.js";
import { readLevels } from "./reports.js";
import { superfluousWindows, wantedWindows } from "./windows.js";

/** @typedef {import("./loader.js").WindowLoader} WindowLoader */
/** @typedef {import("./windows.js").Loop} Loop */

const encoder = new TextEncoder();

/**
 * Events: `report` (levels in `levels`), `state`, `failure` (text in `detail`).
 * Positions are frames. The last file of the loader is the original, the others are the tracks of the plan.
 */
export class Player extends EventTarget {
  #node;
  #context;
  #loader;
  /** @type {Set<number>} */
  #present = new Set();
  /** @type {Map<number, AbortController>} */
  #loading = new Map();
  #retryDelay = 250;
  #reportedAt = 0;
  #next = 0;
  #seekNumber = 0;
  #isClosed = false;
  /** Whether the server has said that it has no more for us. */
  #isRefused = false;

  /**
   * @param {AudioContext} context
   * @param {AudioWorkletNode} node
   * @param {WindowLoader} loader
   */
  constructor(context, node, loader) {
    super();
    this.#context = context;
    this.#node = node;
    this.#loader = loader;
    this.frameCount = loader.frameCount;
    this.sampleRate = loader.sampleRate;
    this.isPlaying = false;
    this.isWaiting = false;
    this.position = 0;
    /** @type {Loop | null} */
    this.loop = null;
    /** @type {import("./reports.js").Levels | null} */
    this.levels = null;
    /** Whether every value of the plan is heard. */
    this.isComplete = true;
    node.port.onmessage = ({ data }) => this.#receive(data);
    node.onprocessorerror = () => this.#fail("The mixing desk has stopped; open the song again.");
    node.connect(context.destination);
    this.#pump();
  }

  /**
   * @param {WindowLoader} loader
   * @param {object} plan
   */
  static async open(loader, plan) {
    const context = new AudioContext({ sampleRate: loader.sampleRate, latencyHint: "interactive" });
    try {
      const [module] = await Promise.all([
        wasmModule("mixcore"),
        context.audioWorklet.addModule(new URL("worklet.js", import.meta.url)),
      ]);
      const node = new AudioWorkletNode(context, "tonmeister-mixer", {
        numberOfInputs: 0,
        outputChannelCount: [2],
        processorOptions: {
          module, plan: encoder.encode(JSON.stringify(plan)), frameCount: loader.frameCount,
        },
      });
      await firstMessage(node);
      return new Player(context, node, loader);
    } catch (error) {
      await context.close();
      throw error;
    }
  }

  /** Where the listener is now, between reports too. */
  get now() {
    if (!this.isPlaying || this.isWaiting) return this.position;
    const seconds = Math.min(0.1, (performance.now() - this.#reportedAt) / 1000);
    return this.position + seconds * this.sampleRate;
  }

  /** @param {object} plan */
  setPlan(plan) {
    this.#send({ type: "plan", text: encoder.encode(JSON.stringify(plan)) });
  }

  /** @param {number} gainDB */
  setLoudnessGain(gainDB) { this.#send({ type: "loudness", gainDB }); }

  /**
   * Whether the original is heard, and with which gains it and the mix are.
   * @param {boolean} original
   * @param {{mix: number, original: number}} gains
   */
  setMonitor(original, gains) { this.#send({ type: "monitor", original, gains }); }

  async play() {
    await this.#context.resume();
    this.#isRefused = false;
    // At the end there is nothing to play.
    if (this.position >= this.frameCount) this.seek(this.loop?.start ?? 0);
    this.#setPlaying(true);
    this.#pump();
  }

  pause() { this.#setPlaying(false); }

  /** @param {number} position */
  seek(position) {
    this.position = this.#next = Math.round(Math.min(Math.max(0, position), this.frameCount));
    this.#reportedAt = performance.now();
    this.#send({ type: "seek", position: this.position, number: ++this.#seekNumber });
    this.#send({ type: "meters" });
    this.#pump();
  }

  /** @param {Loop | null} loop */
  setLoop(loop) {
    this.loop = loop;
    this.#send({ type: "loop", loop });
    this.#pump();
  }

  async close() {
    this.#isClosed = true;
    for (const request of this.#loading.values()) request.abort();
    this.#send({ type: "close" });
    this.#node.disconnect();
    await this.#context.close();
  }

  /**
   * @param {object} message
   * @param {Transferable[]} [transfer]
   */
  #send(message, transfer = []) { this.#node.port.postMessage(message, transfer); }

  /** @param {boolean} isPlaying */
  #setPlaying(isPlaying) {
    this.isPlaying = isPlaying;
    this.#send({ type: "play", isPlaying });
    this.dispatchEvent(new Event("state"));
  }

  /** @param {string} detail */
  #fail(detail) { this.dispatchEvent(new CustomEvent("failure", { detail })); }

  /** @param {any} message */
  #receive(message) {
    if (message.type === "failure") {
      this.#fail(new TextDecoder().decode(message.text));
    } else if (message.type === "spare") {
      this.#loader.pool.give(message.channels);
    } else if (message.type === "ended") {
      this.isPlaying = false;
      this.dispatchEvent(new Event("state"));
    } else if (message.type === "report") {
      // It was on its way when we went elsewhere.
      if (message.seekNumber !== this.#seekNumber) return;
      this.position = message.position;
      this.#next = message.next;
      this.#reportedAt = performance.now();
      this.levels = readLevels(message.meters);
      if (this.isWaiting !== message.isWaiting) {
        this.isWaiting = message.isWaiting;
        this.dispatchEvent(new Event("state"));
      }
      this.dispatchEvent(new Event("report"));
      this.#pump();
    }
  }

  /** Asks for what is missing and lets go of what is not needed any more. */
  #pump() {
    if (this.#isClosed || this.#isRefused) return;
    const wanted = wantedWindows(this.#next, this.frameCount, this.loop);
    for (const [index, request] of this.#loading) if (!wanted.includes(index)) request.abort();
    const indices = superfluousWindows(this.#present, wanted);
    if (indices.length > 0) {
      for (const index of indices) this.#present.delete(index);
      this.#send({ type: "drop", indices });
    }
    // Two at a time: the first is urgent, and the others would only take its share of the line.
    for (const index of wanted) {
      if (this.#loading.size >= 2) break;
      if (!this.#present.has(index) && !this.#loading.has(index)) this.#load(index);
    }
  }

  /**
   * Asks for no more before somebody wants to play again.
   * @param {Error} error
   */
  #refuse(error) {
    if (this.#isRefused) return;
    this.#isRefused = true;
    for (const request of this.#loading.values()) request.abort();
    this.pause();
    this.#fail(`The song cannot be loaded any more. ${error.message}`);
  }

  /** @param {number} index */
  async #load(index) {
    const request = new AbortController();
    this.#loading.set(index, request);
    try {
      const channels = await this.#loader.load(index, request.signal);
      if (this.#isClosed || request.signal.aborted) return;
      this.#present.add(index);
      this.#send({ type: "window", index, channels }, channels.map((samples) => samples.buffer));
      this.#retryDelay = 250;
    } catch (error) {
      if (request.signal.aborted) return;
      if (isRefusal(error)) return this.#refuse(/** @type {Error} */ (error));
      // The server may be on its way back.
      const delay = this.#retryDelay;
      this.#retryDelay = Math.min(8000, 2 * delay);
      await pause(delay, request.signal);
    } finally {
      this.#loading.delete(index);
      this.#pump();
    }
  }
}

/**
 * The first message of a node: that it is ready, or why it is not.
 * @param {AudioWorkletNode} node
 */
function firstMessage(node) {
  return new Promise((resolve, reject) => {
    node.onprocessorerror = () => reject(new Error("The mixing desk could not be started."));
    node.port.onmessage = ({ data }) => {
      if (data.type !== "failure") resolve(data);
      else reject(new Error(new TextDecoder().decode(data.text)));
    };
  });
}
