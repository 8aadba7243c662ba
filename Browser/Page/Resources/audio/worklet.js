// SPDX-License-Identifier: MIT
// @ts-check
// The mixing desk on the audio thread: windows of samples in, the mix out, by MixCore in WebAssembly.
// Whatever is missing is waited for in silence, all stems together, so that nothing ever gets out of step.

import { Core } from "./core.js";
import { WindowSource } from "./window-source.js";

const BLOCK = 128;
/** Blocks between two reports to the page: 43 a second at 44.1 kHz. */
const REPORT_EVERY = 8;
/** Seconds in which starting, stopping, seeking and comparing fade. */
const FADE_SECONDS = 0.006;
/** Seconds that are processed behind the end of the song, for the room. */
const TAIL_SECONDS = 2;

class MixerProcessor extends AudioWorkletProcessor {
  /** @param {{processorOptions: any}} options */
  constructor({ processorOptions: options }) {
    super();
    this.frameCount = options.frameCount;
    this.source = new WindowSource(options.frameCount, options.windows);
    this.source.position = options.position ?? 0;
    this.source.loop = options.loop ?? null;
    /** Frames since the last jump, up to the latency: as many are still on their way. */
    this.underWay = 0;
    this.isPlaying = options.isPlaying ?? false;
    this.isWaiting = false;
    this.isClosed = false;
    /** @type {number | null} */
    this.nextPosition = null;
    /** The last seek of the page that has arrived. */
    this.seekNumber = 0;
    /**
     * Windows to give back once what is heard has faded out.
     * @type {number[]}
     */
    this.held = [];
    this.fade = options.isPlaying ? 1 : 0;
    this.fadeStep = 1 / (FADE_SECONDS * sampleRate);
    this.original = 0;
    this.wantsOriginal = false;
    /** Gains of mix and original as they are, and as the page wants them. */
    this.gains = { mix: 1, original: 1 };
    this.wantedGains = { mix: 1, original: 1 };
    this.blocksToReport = 0;
    this.core = new Core(new WebAssembly.Instance(options.module, {}));
    this.trackCount = this.call("engine_open", options.plan, sampleRate, BLOCK, 0);
    this.core.exports.engine_loudness_gain(options.loudnessGain ?? 0);
    this.core.exports.engine_reset();
    this.latency = this.core.exports.engine_latency();
    this.past = [new Float32Array(this.latency + BLOCK), new Float32Array(this.latency + BLOCK)];
    this.port.onmessage = ({ data }) => this.receive(data);
    this.port.postMessage({ type: "ready", latency: this.latency });
  }

  /**
   * Calls an export that takes a text and more, and reports its failure.
   * @param {string} name
   * @param {Uint8Array} text
   * @param {...number} rest
   */
  call(name, text, ...rest) {
    const core = this.core;
    const result = core.withBytes([text], (...place) => core.exports[name](...place, ...rest));
    if (result < 0) this.port.postMessage({ type: "failure", text: core.message(-result) });
    return result;
  }

  /** @param {any} message */
  receive(message) {
    switch (message.type) {
      case "plan": this.call("engine_update", message.text); break;
      case "loudness": this.core.exports.engine_loudness_gain(message.gainDB); break;
      case "window": this.add(message.index, message.channels); break;
      case "drop": this.drop(message.indices); break;
      case "play": this.isPlaying = message.isPlaying; break;
      case "seek": this.nextPosition = message.position; this.seekNumber = message.number; break;
      case "loop": this.source.loop = message.loop; break;
      case "monitor": this.wantsOriginal = message.original; this.wantedGains = message.gains; break;
      case "meters": this.core.exports.meters_reset(); break;
      case "close": this.isClosed = true; break;
    }
  }

  /**
   * @param {number} index
   * @param {Float32Array[]} channels
   */
  add(index, channels) {
    this.held = this.held.filter((held) => held !== index);
    this.source.add(index, channels);
  }

  /**
   * Gives windows back to the page; not before a jump is done, since what fades out is in them.
   * @param {number[]} indices
   */
  drop(indices) {
    if (this.nextPosition !== null && this.fade > 0) {
      this.held.push(...indices);
      return;
    }
    const channels = this.source.remove(indices);
    this.port.postMessage({ type: "spare", channels }, channels.map((samples) => samples.buffer));
  }

  /**
   * @param {Float32Array[][]} inputs
   * @param {Float32Array[][]} outputs
   */
  process(inputs, outputs) {
    if (this.isClosed) return false;
    const [left, right] = outputs[0];
    const isMoving = this.nextPosition !== null;
    if (this.fade === 0) {
      if (isMoving) this.jump();
      if (!this.isPlaying) return this.report();
    }
    // Silence until all stems are there; what was heard until now ends at once, which no fade could help.
    this.isWaiting = !this.fill(left.length);
    if (this.isWaiting) {
      this.fade = 0;
      return this.report();
    }
    this.core.exports.engine_process(left.length);
    this.mix(left, right, this.isPlaying && !isMoving ? 1 : 0);
    if (!isMoving && this.source.position >= this.frameCount + TAIL_SECONDS * sampleRate) this.end();
    return this.report();
  }

  /** Goes to where the page has asked for. */
  jump() {
    this.source.position = this.nextPosition ?? this.source.position;
    this.nextPosition = null;
    this.underWay = 0;
    this.core.exports.engine_reset();
    for (const channel of this.past) channel.fill(0);
    if (this.held.length > 0) this.drop(this.held.splice(0));
  }

  end() {
    this.isPlaying = false;
    this.fade = 0;
    this.nextPosition = 0;
    this.port.postMessage({ type: "ended" });
  }

  /**
   * Fills the inputs of the engine and the past of the original; false, and nothing done, where a window
   * is missing.
   * @param {number} count
   */
  fill(count) {
    const { source } = this;
    const plan = source.plan(count);
    if (!plan) return false;
    for (let channel = 0; channel < 2 * this.trackCount; channel++) {
      const pointer = this.core.exports.engine_input(channel >> 1, channel & 1);
      source.read(channel, plan.runs, this.core.floats(pointer, count));
    }
    for (const [channel, past] of this.past.entries()) {
      past.copyWithin(0, count, count + this.latency);
      source.read(2 * this.trackCount + channel, plan.runs, past.subarray(this.latency, this.latency + count));
    }
    source.position = plan.next;
    this.underWay = Math.min(this.latency, this.underWay + count);
    return true;
  }

  /**
   * Writes the mix, or the original, or what lies between while the one becomes the other.
   * @param {Float32Array} left
   * @param {Float32Array} right
   * @param {number} targetFade
   */
  mix(left, right, targetFade) {
    const { exports } = this.core;
    const mixed = [0, 1].map((channel) => this.core.floats(exports.engine_master(channel), left.length));
    const targetOriginal = this.wantsOriginal ? 1 : 0;
    const { gains, wantedGains } = this;
    for (let i = 0; i < left.length; i++) {
      this.fade = approach(this.fade, targetFade, this.fadeStep);
      this.original = approach(this.original, targetOriginal, this.fadeStep);
      gains.mix = approach(gains.mix, wantedGains.mix, this.fadeStep);
      gains.original = approach(gains.original, wantedGains.original, this.fadeStep);
      const mix = this.fade * (1 - this.original) * gains.mix;
      const original = this.fade * this.original * gains.original;
      left[i] = mix * mixed[0][i] + original * this.past[0][i];
      right[i] = mix * mixed[1][i] + original * this.past[1][i];
    }
  }

  /** Tells the page now and then what is heard; true, so that it goes on. */
  report() {
    if (this.blocksToReport-- > 0) return true;
    this.blocksToReport = REPORT_EVERY - 1;
    const count = 7 + 3 * this.trackCount;
    const meters = this.core.floats(this.core.exports.meters_read(), count).slice();
    const next = this.nextPosition ?? this.source.position;
    const position = this.nextPosition ?? Math.max(0, next - this.underWay);
    this.port.postMessage({
      type: "report", seekNumber: this.seekNumber, position, next, meters,
      isPlaying: this.isPlaying, isWaiting: this.isWaiting,
    });
    return true;
  }
}

/**
 * @param {number} value
 * @param {number} target
 * @param {number} step
 */
function approach(value, target, step) {
  if (value < target) return Math.min(target, value + step);
  return value > target ? Math.max(target, value - step) : value;
}

registerProcessor("tonmeister-mixer", MixerProcessor);
