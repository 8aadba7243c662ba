// SPDX-License-Identifier: MIT
// @ts-check
// The HTTP interface of `tonmeister serve`.

/**
 * @typedef {{name: string, url: string, peaksURL: string, sampleRate: number, channelCount: number,
 *   frameCount: number}} Stem
 * @typedef {{type?: string, title?: string, status?: number, detail?: string}} ProblemDetails
 * @typedef {object} Job
 * @property {string} id
 * @property {number} version
 * @property {"separation" | "preparation" | "mix"} kind
 * @property {"queued" | "running" | "succeeded" | "failed" | "cancelled"} state
 * @property {number} [progress]
 * @property {string} [stage]
 * @property {number} [queuePosition]
 * @property {number} [waitSeconds]
 * @property {number} [secondsLeft]
 * @property {{name?: string, durationSeconds?: number}} [input]
 * @property {string[]} [warnings]
 * @property {string[]} [because] what was found in a take and done to it
 * @property {ProblemDetails} [error]
 * @property {Stem[]} [stems]
 * @property {{url: string, peaksURL: string}} [original]
 * @property {string} [mixURL]
 * @typedef {{maximumBytes?: number, maximumSeconds?: number, formats?: string[], authentication?: boolean}} Limits
 */

/** A refusal of the server, or none to be had; the message is for a person. */
export class ServiceError extends Error {
  /**
   * @param {string} message
   * @param {number} status 0 where there was no answer
   * @param {number} [retryAfterSeconds]
   */
  constructor(message, status, retryAfterSeconds) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Whether the server will say no again however often it is asked.
 * @param {unknown} error
 */
export const isRefusal = (error) => error instanceof ServiceError && [401, 403, 404, 410].includes(error.status);

/** States that a job does not leave. */
export const isFinal = (/** @type {Job} */ job) => ["succeeded", "failed", "cancelled"].includes(job.state);

/**
 * What an answer that is no success says.
 * @param {number} status
 * @param {string} body
 * @param {string | null} retryAfter
 */
export function problem(status, body, retryAfter) {
  /** @type {ProblemDetails} */
  let details = {};
  try {
    details = JSON.parse(body);
  } catch { /* not from our server */ }
  const message = details.detail ?? details.title ?? `The server answered ${status}.`;
  return new ServiceError(message, status, retryAfter ? Number(retryAfter) : undefined);
}

export class Service {
  #token = "";

  /** @param {string} token for a server that asks for one */
  set token(token) { this.#token = token; }
  get hasToken() { return this.#token !== ""; }

  get headers() {
    /** @type {Record<string, string>} */
    const headers = {};
    if (this.#token) headers.Authorization = `Bearer ${this.#token}`;
    return headers;
  }

  /**
   * A request with the token; throws where the server refuses or does not answer.
   * @param {string} path
   * @param {RequestInit} [init]
   */
  async fetch(path, init = {}) {
    let response;
    try {
      response = await fetch(path, { ...init, headers: { ...init.headers, ...this.headers } });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ServiceError("The server does not answer.", 0);
    }
    if (response.ok) return response;
    throw problem(response.status, await response.text(), response.headers.get("Retry-After"));
  }

  /**
   * @param {string} path
   * @param {RequestInit} [init]
   */
  async json(path, init) { return (await this.fetch(path, init)).json(); }

  /**
   * @param {string} path
   * @param {object} body
   */
  post(path, body) {
    return this.json(path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
  }

  /** @returns {Promise<Limits>} */
  limits() { return this.json("/v1/limits"); }

  /** @returns {Promise<{models: {name: string, isInstalled: boolean, stems: string[]}[]}>} */
  models() { return this.json("/v1/models"); }

  /**
   * @param {string} id
   * @returns {Promise<Job>}
   */
  job(id) { return this.json(`/v1/jobs/${encodeURIComponent(id)}`); }

  /**
   * The last hundred jobs.
   * @returns {Promise<{jobs: Job[]}>}
   */
  jobs() { return this.json("/v1/jobs?limit=100"); }

  /**
   * Cancels a job, or removes one that is done.
   * @param {string} id
   */
  async remove(id) { await this.fetch(`/v1/jobs/${encodeURIComponent(id)}`, { method: "DELETE" }); }

  /** @param {string} id */
  meters(id) { return this.json(`/v1/jobs/${encodeURIComponent(id)}/meters`); }

  /** @param {string} id */
  features(id) { return this.json(`/v1/jobs/${encodeURIComponent(id)}/features`); }

  /**
   * @param {string} peaksURL
   * @param {number} points
   * @returns {Promise<{points: number, framesPerPoint: number, minimum: number[], maximum: number[]}>}
   */
  peaks(peaksURL, points) { return this.json(`${peaksURL}?points=${points}`); }

  /**
   * The automatic mix of a job.
   * @param {string} job
   * @param {string} [genre]
   */
  propose(job, genre) { return this.post("/v1/plans", { job, advice: "all", ...(genre ? { genre } : {}) }); }

  /**
   * @param {string} job
   * @param {object} plan
   * @param {{format: string, encoding?: string, normalize: string}} options
   * @returns {Promise<Job>}
   */
  mix(job, plan, options) { return this.post("/v1/mixes", { job, plan, ...options }); }
}
