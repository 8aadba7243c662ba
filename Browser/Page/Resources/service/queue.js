// SPDX-License-Identifier: MIT
// @ts-check
// The songs of this browser on their way: uploads one after the other, and every job followed to its end,
// through reloads and restarts of the server.

import { ServiceError } from "./api.js";
import { pause } from "./pause.js";
import { uploadSong, uploadTake } from "./upload.js";

/** @typedef {import("./api.js").Job} Job */
/** @typedef {import("./api.js").Service} Service */
/** @typedef {import("./job-watch.js").JobWatch} JobWatch */
/** @typedef {import("../state/memory.js").Memory} Memory */

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {Job | null} job null while it is uploaded
 * @property {number} uploaded 0 to 1
 * @property {string} trouble
 * @property {boolean} isConnected
 * @property {boolean} isNew whether it was added to this page, not found again
 * @property {AbortController} request
 */

/** Events: `change`, and `done` and, of songs that were added to this page, `failed` with the entry in `detail`. */
export class JobQueue extends EventTarget {
  /** @type {Entry[]} the newest first */
  entries = [];
  #service;
  #memory;
  #watch;
  /** @type {Promise<void>} */
  #line = Promise.resolve();

  /**
   * @param {Service} service
   * @param {Memory} memory
   * @param {JobWatch} watch
   */
  constructor(service, memory, watch) {
    super();
    this.#service = service;
    this.#memory = memory;
    this.#watch = watch;
  }

  /** Finds the jobs again that this browser has started. */
  restore() {
    for (const { id, name } of [...this.#memory.jobs].reverse()) {
      if (this.entries.some((entry) => entry.job?.id === id)) continue;
      const entry = this.#enter(name, false);
      entry.job = { id, version: 0, kind: "separation", state: "queued" };
      this.#follow(entry);
    }
  }

  /**
   * @param {File} file
   * @param {{model?: string}} settings
   */
  addSong(file, settings) {
    this.#upload(file.name, (entry, onProgress) =>
      uploadSong(this.#service, file, settings, onProgress, entry.request.signal));
  }

  /**
   * @param {{vocal: File, backing: File}} files
   * @param {Record<string, string>} fields
   */
  addTake(files, fields) {
    this.#upload(files.vocal.name, (entry, onProgress) =>
      uploadTake(this.#service, files, fields, onProgress, entry.request.signal));
  }

  /**
   * Cancels what is on its way, or removes what is done.
   * @param {Entry} entry
   */
  async remove(entry) {
    entry.request.abort();
    this.entries = this.entries.filter((one) => one !== entry);
    this.#changed();
    if (!entry.job) return;
    this.#memory.forget(entry.job.id);
    try {
      await this.#service.remove(entry.job.id);
    } catch (error) {
      // What the server does not know any more is gone as it should be.
      if (!(error instanceof ServiceError && [404, 410].includes(error.status))) throw error;
    }
  }

  /**
   * @param {string} name
   * @param {boolean} isNew
   * @returns {Entry}
   */
  #enter(name, isNew) {
    const request = new AbortController();
    const entry = { name, job: null, uploaded: 0, trouble: "", isConnected: true, isNew, request };
    this.entries = [entry, ...this.entries];
    this.#changed();
    return entry;
  }

  /**
   * @param {string} name
   * @param {(entry: Entry, onProgress: (fraction: number) => void) => Promise<Job>} send
   */
  #upload(name, send) {
    const entry = this.#enter(name, true);
    this.#line = this.#line.then(async () => {
      if (entry.request.signal.aborted) return;
      try {
        entry.job = await this.#sendPatiently(entry, send);
        this.#memory.remember({ id: entry.job.id, name });
        this.#follow(entry);
      } catch (error) {
        this.#fail(entry, error);
      }
      this.#changed();
    });
  }

  /**
   * A full queue is waited for.
   * @param {Entry} entry
   * @param {(entry: Entry, onProgress: (fraction: number) => void) => Promise<Job>} send
   */
  async #sendPatiently(entry, send) {
    for (;;) {
      try {
        return await send(entry, (fraction) => {
          entry.uploaded = fraction;
          this.#changed();
        });
      } catch (error) {
        if (!(error instanceof ServiceError) || error.status !== 429 || entry.request.signal.aborted) throw error;
        const seconds = Math.min(60, Math.max(1, error.retryAfterSeconds ?? 5));
        await pause(1000 * seconds, entry.request.signal);
      }
    }
  }

  /** @param {Entry} entry */
  async #follow(entry) {
    if (!entry.job) return;
    try {
      const job = await this.#watch.follow(entry.job.id, (state) => {
        entry.job = state;
        entry.name = state.input?.name ?? entry.name;
        this.#changed();
      }, {
        signal: entry.request.signal,
        onConnection: (isConnected) => {
          if (entry.isConnected === isConnected) return;
          entry.isConnected = isConnected;
          this.#changed();
        },
      });
      if (job.state === "succeeded") this.dispatchEvent(new CustomEvent("done", { detail: entry }));
      else if (job.state === "failed") this.#fail(entry, new Error(job.error?.detail ?? "It did not work."));
    } catch (error) {
      const isGone = error instanceof ServiceError && [404, 410].includes(error.status);
      if (isGone && entry.job) this.#memory.forget(entry.job.id);
      this.#fail(entry, isGone ? new Error("The server does not have this song any more.") : error);
    }
  }

  /**
   * @param {Entry} entry
   * @param {unknown} error
   */
  #fail(entry, error) {
    if (entry.request.signal.aborted) return;
    entry.trouble = error instanceof Error ? error.message : String(error);
    this.#changed();
    if (entry.isNew) this.dispatchEvent(new CustomEvent("failed", { detail: entry }));
  }

  #changed() { this.dispatchEvent(new Event("change")); }
}
