// SPDX-License-Identifier: MIT
// @ts-check
// Server-sent events by fetch, which can carry a token, and following a job through anything that happens to
// the connection or to the server.

import { isFinal, isRefusal } from "./api.js";
import { pause } from "./pause.js";

/** @typedef {import("./api.js").Job} Job */
/** @typedef {import("./api.js").Service} Service */
/** @typedef {{event: string, data: string, id: string}} ServerEvent */

const FIRST_DELAY = 300;
const LONGEST_DELAY = 5000;
/** Milliseconds without any sign, comments included, after which a connection counts as dead. */
const SILENCE = 40000;

/** Puts together events from pieces of a stream (WHATWG HTML, section 9.2). */
export class EventParser {
  #rest = "";
  #event = "";
  #id = "";
  /** @type {string[]} */
  #data = [];

  /**
   * @param {string} text
   * @returns {ServerEvent[]} those that are complete
   */
  push(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    /** @type {ServerEvent[]} */
    const events = [];
    for (const line of lines) {
      if (line === "") {
        if (this.#data.length > 0) {
          events.push({ event: this.#event || "message", data: this.#data.join("\n"), id: this.#id });
        }
        this.#event = "";
        this.#data = [];
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) continue;
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "data") this.#data.push(value);
      if (field === "event") this.#event = value;
      if (field === "id") this.#id = value;
    }
    return events;
  }
}

/**
 * Calls `onJob` with every state of a job until it is final, which is returned.
 *
 * A connection that breaks, or a server that is gone, is tried again for as long as `signal` lets it; only an
 * answer that the job is unknown, expired or forbidden ends this with a `ServiceError`.
 * @param {Service} service
 * @param {string} id
 * @param {(job: Job) => void} onJob
 * @param {{signal?: AbortSignal, onConnection?: (isConnected: boolean) => void}} [options]
 * @returns {Promise<Job>}
 */
export async function followJob(service, id, onJob, options = {}) {
  const { signal, onConnection = () => {} } = options;
  let delay = FIRST_DELAY;
  for (;;) {
    signal?.throwIfAborted();
    try {
      for await (const job of jobEvents(service, id, signal)) {
        onConnection(true);
        delay = FIRST_DELAY;
        onJob(job);
        if (isFinal(job)) return job;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (isRefusal(error)) throw error;
      onConnection(false);
    }
    // Half of the delay is left to chance, so that many pages do not come back at once.
    await pause(delay * (0.5 + 0.5 * Math.random()), signal);
    delay = Math.min(LONGEST_DELAY, 2 * delay);
  }
}

/**
 * @param {Service} service
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<Job>}
 */
async function* jobEvents(service, id, signal) {
  const connection = new AbortController();
  const abort = () => connection.abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const response = await service.fetch(`/v1/jobs/${encodeURIComponent(id)}/events`, {
      headers: { Accept: "text/event-stream" }, cache: "no-store", signal: connection.signal,
    });
    if (!response.body) return;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser();
    for (;;) {
      const timer = setTimeout(abort, SILENCE);
      const { value, done } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      for (const { event, data } of parser.push(value)) if (event === "job") yield JSON.parse(data);
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    abort();
  }
}
