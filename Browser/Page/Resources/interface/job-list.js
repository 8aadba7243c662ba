// SPDX-License-Identifier: MIT
// @ts-check

import { announceTrouble } from "./announcer.js";
import { h } from "./dom.js";
import { clock, spokenTime } from "./format.js";

/** @typedef {import("../service/queue.js").JobQueue} JobQueue */
/** @typedef {import("../service/queue.js").Entry} Entry */

/** @type {Record<string, string>} */
const stages = {
  separating: "Taking apart", decoding: "Reading", writing: "Writing", preparing: "Getting the take ready",
};

/** The songs on their way and those that are there. */
export class JobList extends HTMLElement {
  /** @type {JobQueue | null} */
  #queue = null;
  /** @type {Map<Entry, any>} */
  #items = new Map();
  /** What has come of songs, for those who do not see it; progress is for those who look. */
  #news = h("p", { role: "status", class: "visually-hidden" });

  /** @type {(entry: Entry) => void} */
  onOpen = () => {};

  /** @param {JobQueue} queue */
  set queue(queue) {
    this.#queue = queue;
    this.append(h("ul", { class: "jobs" }), this.#news);
    queue.addEventListener("change", () => this.#update());
    this.#update();
  }

  #update() {
    const list = this.firstElementChild;
    if (!this.#queue || !list) return;
    /** @type {number | null} */
    let lostFocus = null;
    for (const [entry, item] of this.#items) {
      if (this.#queue.entries.includes(entry)) continue;
      if (item.contains(document.activeElement)) lostFocus = [...list.children].indexOf(item);
      item.remove();
      this.#items.delete(entry);
    }
    this.#queue.entries.forEach((entry, index) => {
      let item = this.#items.get(entry);
      if (!item) {
        item = this.#build(entry);
        this.#items.set(entry, item);
      }
      if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
      this.#show(entry, item);
    });
    this.hidden = this.#queue.entries.length === 0;
    if (lostFocus !== null) this.#focus(lostFocus);
  }

  /**
   * Goes on at the song that has moved up to a place; where there is none any more, at where songs come from.
   * @param {number} place
   */
  #focus(place) {
    const { entries } = this.#queue ?? { entries: [] };
    const item = this.#items.get(entries[Math.min(place, entries.length - 1)]);
    (item?.parts.remove ?? document.getElementById("songs"))?.focus();
  }

  /** @param {Entry} entry */
  #build(entry) {
    const item = h("li", { class: "job" });
    item.parts = {
      name: h("span", { class: "job-name" }, entry.name),
      state: h("span", { class: "job-state" }),
      progress: h("progress", { max: 1, "aria-label": `Progress of ${entry.name}` }),
      open: h("button", { class: "primary", onclick: () => this.onOpen(entry) }, "Open"),
      remove: h("button", { onclick: () => this.#queue?.remove(entry).catch(announceTrouble) }, "Cancel"),
    };
    const { name, state, progress, open, remove } = item.parts;
    item.append(name, state, h("span", { class: "row" }, open, remove), progress);
    return item;
  }

  /**
   * @param {Entry} entry
   * @param {any} item
   */
  #show(entry, item) {
    const { name, state, progress, open, remove } = item.parts;
    const { job } = entry;
    const isDone = job?.state === "succeeded";
    const isUnderWay = !entry.trouble && (!job || job.state === "queued" || job.state === "running");
    name.textContent = entry.name;
    open.hidden = !isDone;
    open.setAttribute("aria-label", `Open ${entry.name}`);
    remove.textContent = isUnderWay ? "Cancel" : "Remove";
    remove.setAttribute("aria-label", `${remove.textContent} ${entry.name}`);
    progress.hidden = !isUnderWay;
    const fraction = job ? job.progress : entry.uploaded;
    if (typeof fraction === "number" && (!job || job.state === "running")) progress.value = fraction;
    else progress.removeAttribute("value");
    const text = describe(entry);
    if (state.textContent !== text) state.textContent = text;
    const now = entry.trouble ? "failed" : job?.state ?? "uploading";
    // What was there when the page was opened is no news.
    const isNews = item.dataset.state && item.dataset.state !== now && (entry.isNew || item.isKnown);
    if (isNews) this.#news.textContent = `${entry.name}: ${text}`;
    item.dataset.state = now;
    item.isKnown = job !== null && job.version > 0;
  }
}

/** @param {Entry} entry */
function describe({ job, uploaded, trouble, isConnected }) {
  if (trouble) return trouble;
  if (!job) return uploaded > 0 ? `Uploading, ${Math.round(100 * uploaded)} %` : "Waiting to be uploaded";
  if (job.state === "succeeded") {
    const seconds = job.input?.durationSeconds;
    return seconds ? `Ready, ${clock(seconds)}` : "Ready";
  }
  if (job.state === "failed") return job.error?.detail ?? job.error?.title ?? "It did not work.";
  if (job.state === "cancelled") return "Cancelled";
  if (!isConnected) return "The server does not answer; waiting for it";
  if (job.state === "queued") {
    const place = job.queuePosition ? `Number ${job.queuePosition} in the queue` : "In the queue";
    return job.waitSeconds ? `${place}, ${spokenTime(job.waitSeconds)} to wait` : place;
  }
  const percent = `${stages[job.stage ?? ""] ?? "Working"}, ${Math.round(100 * (job.progress ?? 0))} %`;
  return typeof job.secondsLeft === "number" ? `${percent}, ${spokenTime(Math.ceil(job.secondsLeft))} left` : percent;
}

customElements.define("tm-jobs", JobList);
