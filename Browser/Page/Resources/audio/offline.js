// SPDX-License-Identifier: MIT
// @ts-check
// Renders a part of a song in the browser, through the very processor that plays it.

import { wasmModule } from "./modules.js";
import { WINDOW_FRAMES } from "./windows.js";

/** The longest part, in seconds: all its stems have to be in memory at once. */
export const MAXIMUM_SECONDS = 60;

/**
 * @param {import("./loader.js").WindowLoader} loader whose last file is the original
 * @param {object} plan
 * @param {{start: number, end: number, loudnessGain?: number}} part in frames
 * @returns {Promise<[Float32Array, Float32Array]>}
 */
export async function renderPart(loader, plan, { start, end, loudnessGain = 0 }) {
  const { sampleRate, frameCount } = loader;
  const length = Math.min(end, frameCount) - start;
  if (length < 1 || length > MAXIMUM_SECONDS * sampleRate) {
    throw new Error(`Between nothing and ${MAXIMUM_SECONDS} seconds can be rendered here.`);
  }
  const text = new TextEncoder().encode(JSON.stringify(plan));
  // What is heard before the part rings on into it.
  const preRoll = Math.min(start, Math.ceil(4 * sampleRate));
  const first = start - preRoll;
  /** @type {[number, Float32Array[]][]} */
  const windows = [];
  const last = Math.floor((start + length - 1) / WINDOW_FRAMES);
  for (let index = Math.floor(first / WINDOW_FRAMES); index <= last; index++) {
    windows.push([index, await loader.load(index)]);
  }
  // The limiter comes late by a few milliseconds at most.
  const latencyRoom = Math.ceil(0.01 * sampleRate);
  const context = new OfflineAudioContext(2, preRoll + length + latencyRoom, sampleRate);
  const [module] = await Promise.all([
    wasmModule("mixcore"),
    context.audioWorklet.addModule(new URL("worklet.js", import.meta.url)),
  ]);
  const node = new AudioWorkletNode(context, "tonmeister-mixer", {
    numberOfInputs: 0,
    outputChannelCount: [2],
    processorOptions: {
      module, plan: text, frameCount, windows, position: first, isPlaying: true, loudnessGain,
    },
  });
  /** @type {Promise<number>} */
  const latency = new Promise((resolve, reject) => {
    node.onprocessorerror = () => reject(new Error("The mixing desk could not be started."));
    node.port.onmessage = ({ data }) => {
      if (data.type === "failure") reject(new Error(new TextDecoder().decode(data.text)));
      else resolve(data.latency);
    };
  });
  node.connect(context.destination);
  const [rendered, delay] = await Promise.all([context.startRendering(), latency]);
  const from = preRoll + delay;
  const part = (/** @type {number} */ channel) => rendered.getChannelData(channel).slice(from, from + length);
  return [part(0), part(1)];
}
