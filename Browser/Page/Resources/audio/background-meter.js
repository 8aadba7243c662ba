// SPDX-License-Identifier: MIT
// @ts-check
// Measures the mix in the background whenever it has not been changed for a moment.

import { wasmModule } from "./modules.js";

/** @typedef {import("../state/session.js").Session} Session */

const CALM_MILLISECONDS = 1200;
/** The longest song that is heard as a whole, and what is heard of longer ones, spread over them, in windows. */
const NEAR = { whole: 800, sample: 200 };
/** The same where the song comes over a network. */
const FAR = { whole: 40, sample: 40 };
const isNear = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);

/**
 * Measures for as long as the signal lets it.
 * @param {Session} session
 * @param {Record<string, string>} headers
 * @param {AbortSignal} signal
 */
export function measureInBackground(session, headers, signal) {
  let timer = 0;
  /** @type {Worker | null} */
  let worker = null;
  const stop = () => {
    clearTimeout(timer);
    worker?.terminate();
    worker = null;
  };
  const begin = async () => {
    const { plan } = session;
    const module = await wasmModule("mixcore");
    if (signal.aborted || plan !== session.plan) return;
    worker = new Worker(new URL("measure-worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => {
      stop();
      if (!data.trouble && plan === session.plan) session.setMeasured(plan, data);
    };
    const urls = (session.job.stems ?? []).map((stem) => new URL(stem.url, location.href).href);
    worker.postMessage({ module, plan, urls, headers, windows: isNear ? NEAR : FAR });
  };
  const restart = () => {
    stop();
    timer = window.setTimeout(() => begin().catch(() => {}), CALM_MILLISECONDS);
  };
  session.addEventListener("plan", restart, { signal });
  signal.addEventListener("abort", stop);
  restart();
}
