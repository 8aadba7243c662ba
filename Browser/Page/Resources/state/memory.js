// SPDX-License-Identifier: MIT
// @ts-check
// What the page remembers of songs, so that a reload finds them: the ids of jobs, and a plan for each.

import { keep, sharedStorage, tabStorage } from "./browser-storage.js";

const JOBS = "tonmeisterJobs";
const PLAN = "tonmeisterPlan_";
const PROPOSAL = "tonmeisterProposal_";
const OPEN = "tonmeisterOpen";
const MAXIMUM_JOBS = 50;

/** @typedef {{id: string, name: string}} Entry */

/**
 * Reads JSON; the fallback for what is none.
 * @param {Storage} storage
 * @param {string} key
 * @param {any} fallback
 */
function read(storage, key, fallback) {
  try {
    return JSON.parse(storage.getItem(key) ?? "null") ?? fallback;
  } catch {
    return fallback;
  }
}

/**
 * @param {Storage} storage
 * @param {string} key
 * @param {any} value
 */
function write(storage, key, value) { keep(storage, key, JSON.stringify(value)); }

export class Memory {
  #local;
  #tab;

  /**
   * @param {Storage} local shared by all tabs
   * @param {Storage} tab of this one
   */
  constructor(local = sharedStorage, tab = tabStorage) {
    this.#local = local;
    this.#tab = tab;
  }

  /** @returns {Entry[]} the newest first */
  get jobs() {
    const list = read(this.#local, JOBS, []);
    return Array.isArray(list) ? list.filter((entry) => typeof entry?.id === "string") : [];
  }

  /** @param {Entry} entry */
  remember(entry) {
    const all = [entry, ...this.jobs.filter((one) => one.id !== entry.id)];
    for (const one of all.slice(MAXIMUM_JOBS)) this.#forgetPlans(one.id);
    write(this.#local, JOBS, all.slice(0, MAXIMUM_JOBS));
  }

  /** @param {string} id */
  forget(id) {
    write(this.#local, JOBS, this.jobs.filter((one) => one.id !== id));
    this.#forgetPlans(id);
  }

  /** @param {string} id */
  #forgetPlans(id) {
    for (const key of [PLAN, PROPOSAL]) this.#local.removeItem(key + id);
  }

  /** @param {string} id */
  plan(id) { return read(this.#local, PLAN + id, null); }

  /**
   * @param {string} id
   * @param {object} plan
   */
  keepPlan(id, plan) { write(this.#local, PLAN + id, plan); }

  /**
   * What was proposed of a song.
   * @param {string} id
   */
  proposal(id) { return read(this.#local, PROPOSAL + id, null); }

  /**
   * @param {string} id
   * @param {object} proposal
   */
  keepProposal(id, proposal) {
    // Where there is no room, none is better than that of another plan.
    this.#local.removeItem(PROPOSAL + id);
    write(this.#local, PROPOSAL + id, proposal);
  }

  /**
   * Tells when another tab keeps a plan of a song, or a proposal.
   * @param {string} id
   * @param {() => void} body
   * @param {AbortSignal} signal
   */
  onPlan(id, body, signal) {
    const keys = [PLAN + id, PROPOSAL + id];
    addEventListener("storage", ({ key }) => { if (key !== null && keys.includes(key)) body(); }, { signal });
  }

  /** The job that is open in this tab. */
  get open() { return read(this.#tab, OPEN, null); }
  set open(id) { write(this.#tab, OPEN, id); }
}
