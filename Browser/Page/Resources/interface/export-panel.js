// SPDX-License-Identifier: MIT
// @ts-check

import { planTrouble } from "../audio/plan-check.js";
import { encode } from "../audio/wav.js";
import { withOrder } from "../state/plan.js";
import { announce, announceTrouble } from "./announcer.js";
import { download, h } from "./dom.js";
import { SessionElement } from "./element.js";

/** @typedef {import("../state/session.js").Session} Session */
/** @typedef {import("../service/api.js").Job} Job */

/** @type {[string, string, {format: string, encoding?: string}][]} */
const formats = [
  ["wav16", "WAV, 16 bits", { format: "wav", encoding: "int16" }],
  ["wav24", "WAV, 24 bits", { format: "wav", encoding: "int24" }],
  ["wav32", "WAV, 32-bit floats", { format: "wav", encoding: "float32" }],
  ["flac", "FLAC", { format: "flac", encoding: "int24" }],
  ["mp3", "MP3", { format: "mp3" }],
  ["opus", "Opus", { format: "opus" }],
];

const stemFormats = [["wav", "WAV"], ["flac", "FLAC"], ["mp3", "MP3"]];

const sessions = [
  ["dawproject", "DAWproject (Bitwig, Studio One, Cubase)"], ["rpp", "REAPER"], ["stem.mp4", "Stem file for DJs"],
  ["bwf", "Broadcast WAV"],
];

/** Files of what is heard. */
export class ExportPanel extends SessionElement {
  /**
   * @type {(session: Session, options: object, onProgress: (job: Job) => void, signal: AbortSignal)
   *   => Promise<Job>}
   */
  mix = () => Promise.reject(new Error("There is no server."));
  /** @type {(path: string, name: string) => Promise<void>} */
  save = async () => {};
  /** @type {(session: Session) => Promise<[Float32Array, Float32Array]>} */
  renderLoop = () => Promise.reject(new Error("There is no loop."));
  /** @type {any} */
  #parts = {};

  /**
   * @param {Session} session
   * @param {AbortSignal} signal
   */
  show(session, signal) {
    const select = (/** @type {string} */ label, /** @type {string[][]} */ options) =>
      h("select", { "aria-label": label }, ...options.map(([value, name]) => h("option", { value }, name)));
    const format = select("Format of the mix", formats.map(([value, name]) => [value, name]));
    const level = select("Level of the mix", [
      ["loudness", "Loudness of the master"], ["peak", "Largest sample at full scale"], ["none", "As it is"],
    ]);
    const stems = select("Format of the stems", stemFormats);
    const daw = select("Format of the session", sessions);
    const progress = h("progress", { max: 1, value: 0, "aria-label": "Progress of the export" });
    const cancel = h("button", { onclick: () => this.#parts.request?.abort() }, "Cancel");
    const working = h("div", { class: "row", hidden: true }, progress, cancel);
    const name = () => session.title.replace(/\.[^.]+$/, "");
    const row = (/** @type {string} */ title, /** @type {any[]} */ ...parts) =>
      h("div", { class: "export-row" }, h("h2", {}, title), h("div", { class: "row" }, ...parts));
    const file = h("input", {
      type: "file", accept: ".json,application/json", class: "visually-hidden", tabIndex: -1,
      "aria-label": "A plan to open",
      onchange: () => this.#openPlan(session, file),
    });
    this.#parts = { progress, working, request: null };
    this.replaceChildren(
      row("Mix", format, level, h("button", {
        class: "primary", onclick: () => this.#export(session, formatOf(format.value), level.value, (job) =>
          this.save(job.mixURL ?? `/v1/jobs/${job.id}/mix`, `${name()}-mix.${formatOf(format.value).format}`)),
      }, "Export the mix")),
      working,
      row("Stems", stems, h("button", {
        onclick: () =>
          this.save(`/v1/jobs/${session.job.id}/stems.zip?format=${stems.value}`, `${name()}-stems.zip`)
            .catch(announceTrouble),
      }, "Save the stems")),
      row("Session", daw, h("button", {
        onclick: () => this.#export(session, { format: "wav", encoding: "float32" }, "loudness", (job) =>
          this.save(`/v1/jobs/${job.id}/export?format=${daw.value}`, `${name()}.${daw.value}`)),
      }, "Save the session")),
      row("Plan", h("button", {
        onclick: () => {
          const text = JSON.stringify(session.plan, null, 2);
          download(new Blob([text], { type: "application/json" }), `${name()}-plan.json`);
        },
      }, "Save the plan"), h("button", { onclick: () => file.click() }, "Open a plan\u2026"), file),
      row("Loop", h("button", { onclick: () => this.#saveLoop(session, name()) }, "Save the loop as WAV"),
        h("span", { class: "quiet small" }, "Rendered here in the browser, up to a minute.")));
    signal.addEventListener("abort", () => this.#parts.request?.abort());
  }

  /**
   * Has the server mix, then does something with the finished job.
   * @param {Session} session
   * @param {object} format
   * @param {string} normalize
   * @param {(job: Job) => Promise<void>} then
   */
  async #export(session, format, normalize, then) {
    if (this.#parts.request) return;
    const request = new AbortController();
    const { progress, working } = this.#parts;
    this.#parts.request = request;
    working.hidden = false;
    progress.value = 0;
    try {
      const show = (/** @type {Job} */ state) => { progress.value = state.progress ?? 0; };
      const job = await this.mix(session, { ...format, normalize }, show, request.signal);
      if (job.state !== "succeeded") throw new Error(job.error?.detail ?? "The mix was not made.");
      await then(job);
      announce("The file is ready.");
    } catch (error) {
      announceTrouble(error);
    } finally {
      working.hidden = true;
      this.#parts.request = null;
    }
  }

  /**
   * @param {Session} session
   * @param {string} name
   */
  async #saveLoop(session, name) {
    try {
      const [left, right] = await this.renderLoop(session);
      download(new Blob([encode(left, right, session.player.sampleRate)], { type: "audio/wav" }), `${name}-loop.wav`);
    } catch (error) {
      announceTrouble(error);
    }
  }

  /**
   * @param {Session} session
   * @param {any} file
   */
  async #openPlan(session, file) {
    const [chosen] = file.files;
    file.value = "";
    if (!chosen) return;
    try {
      const plan = JSON.parse(await chosen.text());
      const trouble = await planTrouble(plan);
      if (trouble) throw new Error(`This file is no plan: ${trouble}.`);
      if (this.session !== session) return;
      const ordered = withOrder(plan, session.names);
      if (!ordered) throw new Error(`This is no plan for ${session.names.join(", ")}.`);
      session.setPlan(ordered);
      announce("The plan is open.");
    } catch (error) {
      announceTrouble(error instanceof SyntaxError ? new Error("This file is no plan.") : error);
    }
  }
}

/** @param {string} value */
const formatOf = (value) => (formats.find(([id]) => id === value) ?? formats[0])[2];

customElements.define("tm-export", ExportPanel);
