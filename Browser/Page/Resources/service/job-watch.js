// SPDX-License-Identifier: MIT
// @ts-check
// How all jobs of the page stand, over two connections at most: browsers open only six to a server, for all tabs
// together, and sound and uploads need theirs.

import { isFinal, isRefusal } from "./api.js";
import { followJob } from "./events.js";
import { pause } from "./pause.js";

/** @typedef {import("./api.js").Job} Job */
/** @typedef {import("./api.js").Service} Service */

/**
 * @typedef {object} Follower
 * @property {string} id
 * @property {Job | null} job as it was last told
 * @property {(job: Job) => void} onJob
 * @property {(isConnected: boolean) => void} onConnection
 * @property {() => void} leave
 * @property {(job: Job) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/** Milliseconds between two questions how jobs stand, and the most where the server does not answer. */
const POLL_DELAY = 2000;
const LONGEST_DELAY = 8000;

/** The tab that has this lock streams; without locks none does. */
const LOCK = "tonmeisterEvents";

/** Streams the events of one job, and asks for all others with one request now and then. */
export class JobWatch {
  #service;
  #locks;
  #pollDelay;
  /** @type {Set<Follower>} the oldest first */
  #followers = new Set();
  /** @type {{follower: Follower, connection: AbortController} | null} */
  #stream = null;
  #isStreaming = false;
  #isPolling = false;
  /** Called off when somebody new wants to know. */
  #calm = new AbortController();

  /**
   * @param {Service} service
   * @param {{locks?: LockManager | null, pollDelay?: number}} [options]
   */
  constructor(service, options = {}) {
    const { locks = globalThis.navigator?.locks, pollDelay = POLL_DELAY } = options;
    this.#service = service;
    this.#locks = locks ?? null;
    this.#pollDelay = pollDelay;
  }

  /**
   * Calls `onJob` with the states of a job until it is final, which is returned.
   *
   * A server that is gone is asked again for as long as `signal` lets it; only an answer that the job is unknown,
   * expired or forbidden ends this with a `ServiceError`.
   * @param {string} id
   * @param {(job: Job) => void} onJob
   * @param {{signal?: AbortSignal, onConnection?: (isConnected: boolean) => void}} [options]
   * @returns {Promise<Job>}
   */
  follow(id, onJob, options = {}) {
    const { signal, onConnection = () => {} } = options;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = () => {
        follower.leave();
        reject(signal?.reason);
      };
      /** @type {Follower} */
      const follower = {
        id, job: null, onJob, onConnection, resolve, reject,
        leave: () => {
          signal?.removeEventListener("abort", abort);
          this.#followers.delete(follower);
          if (this.#stream?.follower === follower) this.#stream.connection.abort();
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#followers.add(follower);
      this.#calm.abort();
      this.#poll();
      this.#streamAll();
    });
  }

  /** Those whose events are not streamed. */
  get #polled() { return [...this.#followers].filter((follower) => follower !== this.#stream?.follower); }

  /** Whose events say most: those of the first that runs, else of the first. */
  get #foremost() {
    const all = [...this.#followers];
    return all.find(({ job }) => job?.state === "running") ?? all[0];
  }

  async #poll() {
    if (this.#isPolling) return;
    this.#isPolling = true;
    let delay = this.#pollDelay;
    while (this.#polled.length > 0) {
      this.#calm = new AbortController();
      try {
        await this.#ask(this.#polled);
        delay = this.#pollDelay;
      } catch (error) {
        for (const follower of this.#polled) {
          if (isRefusal(error)) this.#refuse(follower, error);
          else follower.onConnection(false);
        }
        delay = Math.min(LONGEST_DELAY, 2 * delay);
      }
      await pause(delay, this.#calm.signal);
    }
    this.#isPolling = false;
  }

  /** @param {Follower[]} followers */
  async #ask(followers) {
    const { jobs } = await this.#service.jobs();
    const known = new Map(jobs.map((job) => [job.id, job]));
    for (const follower of followers) {
      if (!this.#followers.has(follower)) continue;
      try {
        // The list has an end; what is older is asked for by name.
        this.#tell(follower, known.get(follower.id) ?? await this.#service.job(follower.id));
      } catch (error) {
        if (!isRefusal(error)) throw error;
        this.#refuse(follower, error);
      }
    }
    const isIdle = this.#stream && this.#stream.follower.job?.state !== "running";
    if (isIdle && this.#foremost?.job?.state === "running") this.#stream?.connection.abort();
  }

  async #streamAll() {
    if (this.#isStreaming || !this.#locks) return;
    this.#isStreaming = true;
    try {
      await this.#locks.request(LOCK, async () => {
        for (let next = this.#foremost; next; next = this.#foremost) await this.#streamOne(next);
      });
    } catch {
      // Where there are no locks to be had, asking is enough.
      this.#locks = null;
    }
    this.#isStreaming = false;
    if (this.#followers.size > 0) this.#streamAll();
  }

  /** @param {Follower} follower */
  async #streamOne(follower) {
    const connection = new AbortController();
    const { signal } = connection;
    this.#stream = { follower, connection };
    try {
      await followJob(this.#service, follower.id, (job) => this.#tell(follower, job), {
        signal, onConnection: follower.onConnection,
      });
    } catch (error) {
      if (!signal.aborted) this.#refuse(follower, error);
    }
    this.#stream = null;
    this.#poll();
  }

  /**
   * @param {Follower} follower
   * @param {Job} job
   */
  #tell(follower, job) {
    // An answer may have been under way for longer than what came since.
    if (!this.#followers.has(follower) || job.version < (follower.job?.version ?? 0)) return;
    follower.job = job;
    follower.onConnection(true);
    follower.onJob(job);
    if (!isFinal(job)) return;
    follower.leave();
    follower.resolve(job);
  }

  /**
   * @param {Follower} follower
   * @param {unknown} error
   */
  #refuse(follower, error) {
    follower.leave();
    follower.reject(error);
  }
}
