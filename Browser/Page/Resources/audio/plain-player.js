// SPDX-License-Identifier: MIT
// @ts-check
// Playing where there is no AudioWorklet: windows as buffers one after the other on one clock, and a gain and a
// pan for each stem. Equalizer, dynamics and reverb are not heard here, only in what is exported.

import { isRefusal } from "../service/api.js";
import { WINDOW_FRAMES, wantedWindows } from "./windows.js";

/** @typedef {import("./loader.js").WindowLoader} WindowLoader */
/** @typedef {import("./windows.js").Loop} Loop */

/** Seconds of the time constant with which gains move. */
const GLIDE_SECONDS = 0.012;
/** Seconds over which a start, a stop and a jump fade. */
const FADE_SECONDS = 0.01;

/** The interface of `Player`, with gains only. */
export class PlainPlayer extends EventTarget {
  #context;
  #loader;
  #strips;
  #masterGain;
  /** @type {{source: AudioBufferSourceNode, edge: GainNode}[]} */
  #sources = [];
  /** Where the next window begins: frame of the song, time of the context. */
  #head = { frame: 0, time: 0 };
  /** @type {{frame: number, time: number}[]} */
  #anchors = [];
  #generation = 0;
  #isOriginal = false;
  #gains = { mix: 1, original: 1 };
  /** @type {any} */
  #plan;
  #loudnessGain = 1;

  /**
   * @param {WindowLoader} loader
   * @param {any} plan
   * @param {AudioContext} [context]
   */
  constructor(loader, plan, context = new AudioContext({ sampleRate: loader.sampleRate })) {
    super();
    this.#context = context;
    this.#loader = loader;
    this.frameCount = loader.frameCount;
    this.sampleRate = loader.sampleRate;
    this.isPlaying = false;
    this.isWaiting = false;
    this.isComplete = false;
    this.levels = null;
    /** @type {Loop | null} */
    this.loop = null;
    this.#masterGain = new GainNode(context);
    this.#masterGain.connect(context.destination);
    this.#strips = [...plan.tracks, null].map(() => {
      const pan = new StereoPannerNode(context);
      const gain = new GainNode(context, { gain: 0 });
      pan.connect(gain).connect(this.#masterGain);
      return { pan, gain };
    });
    this.#plan = plan;
    this.#apply();
  }

  get position() { return this.#head.frame; }

  /** Where the listener is now. */
  get now() {
    if (!this.isPlaying) return this.#head.frame;
    const time = this.#context.currentTime;
    const anchor = this.#anchors.filter((one) => one.time <= time).at(-1);
    return anchor ? anchor.frame + (time - anchor.time) * this.sampleRate : this.#head.frame;
  }

  /** @param {any} plan */
  setPlan(plan) {
    this.#plan = plan;
    this.#apply();
  }

  /** @param {number} gainDB */
  setLoudnessGain(gainDB) {
    this.#loudnessGain = 10 ** (gainDB / 20);
    this.#apply();
  }

  /**
   * @param {boolean} original
   * @param {{mix: number, original: number}} gains
   */
  setMonitor(original, gains) {
    this.#isOriginal = original;
    this.#gains = gains;
    this.#apply();
  }

  async play() {
    await this.#context.resume();
    // At the end there is nothing to play.
    if (this.#head.frame >= this.frameCount) this.#head.frame = this.loop?.start ?? 0;
    this.isPlaying = true;
    this.dispatchEvent(new Event("state"));
    await this.#run();
  }

  pause() {
    const frame = this.now;
    this.#stop();
    this.#head.frame = Math.round(frame);
    this.isPlaying = false;
    this.dispatchEvent(new Event("state"));
  }

  /** @param {number} position */
  seek(position) {
    this.#stop();
    this.#head.frame = Math.round(Math.min(Math.max(0, position), this.frameCount));
    if (this.isPlaying) this.#run();
  }

  /** @param {Loop | null} loop */
  setLoop(loop) {
    this.loop = loop;
    if (this.isPlaying) this.seek(this.now);
  }

  async close() {
    this.#stop();
    await this.#context.close();
  }

  #apply() {
    // Before the gain that brings the mix to its loudness, which counts on it; the original goes past it.
    const masterGain = 10 ** ((this.#plan.master.gain ?? 0) / 20) * this.#loudnessGain * this.#gains.mix;
    const hasSolo = this.#plan.tracks.some((/** @type {any} */ track) => track.solo);
    this.#strips.forEach(({ pan, gain }, index) => {
      const track = this.#plan.tracks[index];
      const level = track ? 10 ** ((track.gain ?? 0) / 20) * masterGain : this.#gains.original;
      const isHeard = track ? !this.#isOriginal && !track.mute && (!hasSolo || track.solo) : this.#isOriginal;
      const target = isHeard ? level : 0;
      const now = this.#context.currentTime;
      gain.gain.setTargetAtTime(target, now, GLIDE_SECONDS);
      pan.pan.setTargetAtTime(track?.pan ?? 0, now, GLIDE_SECONDS);
    });
  }

  /** Lays window behind window until playing stops or something else is played. */
  async #run() {
    const generation = ++this.#generation;
    this.#head.time = 0;
    while (this.isPlaying && generation === this.#generation) {
      if (this.#head.frame >= this.frameCount && this.#context.currentTime >= this.#head.time) return this.#end();
      const isAhead = this.#head.time > this.#context.currentTime + 6;
      if (isAhead || this.#head.frame >= this.frameCount) {
        await new Promise((done) => setTimeout(done, 100));
        continue;
      }
      const [index] = wantedWindows(this.#head.frame, this.frameCount, null, 0);
      try {
        const channels = await this.#loader.load(index);
        if (generation === this.#generation) this.#schedule(index, channels);
      } catch (error) {
        if (generation !== this.#generation) return;
        if (isRefusal(error)) return this.#refuse(/** @type {Error} */ (error));
        await new Promise((done) => setTimeout(done, 500));
      }
    }
  }

  /** @param {Error} error */
  #refuse(error) {
    this.pause();
    const detail = `The song cannot be loaded any more. ${error.message}`;
    this.dispatchEvent(new CustomEvent("failure", { detail }));
  }

  /**
   * @param {number} index
   * @param {Float32Array[]} channels
   */
  #schedule(index, channels) {
    const from = this.#head.frame - index * WINDOW_FRAMES;
    let count = channels[0].length - from;
    const { loop } = this;
    if (loop && this.#head.frame < loop.end) count = Math.min(count, loop.end - this.#head.frame);
    const isFirst = this.#head.time <= this.#context.currentTime;
    const time = isFirst ? this.#context.currentTime + 0.05 : this.#head.time;
    this.#strips.forEach(({ pan }, file) => {
      if (!channels[2 * file]) return;
      const buffer = new AudioBuffer({ length: count, numberOfChannels: 2, sampleRate: this.sampleRate });
      for (const channel of [0, 1]) {
        buffer.copyToChannel(channels[2 * file + channel].slice(from, from + count), channel);
      }
      const source = new AudioBufferSourceNode(this.#context, { buffer });
      const edge = new GainNode(this.#context, { gain: isFirst ? 0 : 1 });
      if (isFirst) edge.gain.setValueAtTime(0, time).linearRampToValueAtTime(1, time + FADE_SECONDS);
      source.connect(edge).connect(pan);
      source.start(time);
      const entry = { source, edge };
      this.#sources.push(entry);
      source.onended = () => { this.#sources = this.#sources.filter((one) => one !== entry); };
    });
    this.#anchors = [...this.#anchors.slice(-8), { frame: this.#head.frame, time }];
    const next = this.#head.frame + count;
    this.#head = { frame: loop && next === loop.end ? loop.start : next, time: time + count / this.sampleRate };
  }

  #stop() {
    this.#generation++;
    const now = this.#context.currentTime;
    for (const { source, edge } of this.#sources) {
      edge.gain.setTargetAtTime(0, now, FADE_SECONDS / 4);
      source.stop(now + FADE_SECONDS);
    }
    this.#anchors = [];
  }

  #end() {
    this.isPlaying = false;
    this.#head = { frame: 0, time: 0 };
    this.#anchors = [];
    this.dispatchEvent(new Event("state"));
  }
}
