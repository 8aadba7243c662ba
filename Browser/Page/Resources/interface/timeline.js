// SPDX-License-Identifier: MIT
// @ts-check

import { isAudible } from "../state/plan.js";
import { h } from "./dom.js";
import { onDrag } from "./drag.js";
import { SessionElement } from "./element.js";
import { spokenTime } from "./format.js";
import { drawRuler } from "./ruler.js";
import { View } from "./view.js";
import "./wave-lane.js";

/** @typedef {import("../state/session.js").Session} Session */

/** Points of the waveforms: for the whole song, and for a closer look. */
const COARSE_POINTS = 3000;
const FINE_POINTS = 60000;
/** Pixels that a pointer has to move before it means a loop. */
const DRAG_PIXELS = 5;

/** The waveforms of all stems over one ruler: seeking, zooming, and the loop. */
export class Timeline extends SessionElement {
  /** @type {View} */
  #view = new View(1);
  /** @type {any} */
  #parts = {};
  #hasFine = false;
  #lastSecond = -1;
  #lastX = "";

  /** @type {(url: string, points: number) => Promise<any>} */
  loadPeaks = async () => null;

  /**
   * @param {Session} session
   * @param {AbortSignal} signal
   */
  show(session, signal) {
    this.#view = new View(session.player.frameCount);
    this.#hasFine = false;
    const lanes = session.names.map((name, track) => {
      const lane = document.createElement("tm-lane");
      /** @type {import("./wave-lane.js").WaveLane} */ (lane).build(name, track);
      return lane;
    });
    const seconds = session.player.frameCount / session.player.sampleRate;
    this.#parts = {
      ruler: h("canvas", { class: "ruler", "aria-hidden": "true" }),
      lanes,
      playhead: h("div", { class: "playhead" }),
      selection: h("div", { class: "selection", hidden: true }),
      surface: h("div", {
        class: "surface", tabIndex: 0, role: "slider", "aria-label": "Position in the song", "aria-valuemin": "0",
        "aria-valuemax": seconds.toFixed(1), "aria-valuenow": "0", "aria-valuetext": spokenTime(0),
      }),
    };
    const { ruler, playhead, selection, surface: plane } = this.#parts;
    plane.append(selection, playhead);
    this.replaceChildren(ruler, ...lanes, plane);
    onDrag(plane, (event) => this.#press(event, session));
    plane.addEventListener("wheel", (/** @type {WheelEvent} */ event) => this.#wheel(event), { passive: false });
    plane.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#key(event, session));
    session.addEventListener("plan", () => this.#draw(), { signal });
    const resize = new ResizeObserver(() => this.#draw());
    resize.observe(this);
    signal.addEventListener("abort", () => resize.disconnect());
    this.#load(session, COARSE_POINTS, signal);
    this.#draw();
  }

  /**
   * @param {Session} session
   * @param {number} points
   * @param {AbortSignal} [signal]
   */
  async #load(session, points, signal) {
    const count = Math.min(points, session.player.frameCount);
    await Promise.allSettled((session.job.stems ?? []).map(async (stem, track) => {
      const peaks = await this.loadPeaks(stem.peaksURL, count);
      if (this.session !== session || signal?.aborted) return;
      this.#parts.lanes[track].peaks = peaks;
    }));
    if (this.session === session) this.#draw();
  }

  /** Redraws in the colours of the theme. */
  refresh() { this.#draw(); }

  /** @param {number} factor above 1 shows more */
  zoom(factor) {
    if (this.session) this.#zoom(factor, this.session.player.now);
  }

  fit() { this.zoom(Infinity); }

  /** Loops what is seen, or no more; the whole song is not worth a loop, then it is the next 10 seconds. */
  toggleLoop() {
    const { session } = this;
    if (!session) return;
    const { player } = session;
    if (player.loop) return void this.#setLoop(session, null);
    const start = this.#view.isWhole ? player.now : this.#view.start;
    const span = this.#view.isWhole ? 10 * player.sampleRate : this.#view.span;
    this.#setLoop(session, { start: Math.floor(start), end: Math.floor(Math.min(player.frameCount, start + span)) });
  }

  /**
   * @param {Session} session
   * @param {{start: number, end: number} | null} loop
   */
  #setLoop(session, loop) {
    const shortest = 0.05 * session.player.sampleRate;
    session.player.setLoop(loop && loop.end - loop.start >= shortest ? loop : null);
    this.#drawLoop();
    this.dispatchEvent(new Event("loop"));
  }

  /**
   * @param {number} factor
   * @param {number} anchor
   */
  #zoom(factor, anchor) {
    if (factor === Infinity) this.#view = new View(this.#view.frameCount);
    else this.#view.zoom(factor, anchor);
    const { session } = this;
    if (session && !this.#hasFine && this.#view.span < session.player.frameCount / 4) {
      this.#hasFine = true;
      this.#load(session, FINE_POINTS);
    }
    this.#draw();
  }

  /** @param {MouseEvent} event */
  #share(event) {
    const box = this.#parts.surface.getBoundingClientRect();
    return (event.clientX - box.left) / box.width;
  }

  /**
   * A click seeks; dragging selects a loop.
   * @param {PointerEvent} event
   * @param {Session} session
   */
  #press(event, session) {
    const first = this.#view.frameAt(this.#share(event));
    let isDrag = false;
    const move = (/** @type {PointerEvent} */ moved) => {
      isDrag ||= Math.abs(moved.clientX - event.clientX) > DRAG_PIXELS;
      if (!isDrag) return;
      const [start, end] = [first, this.#view.frameAt(this.#share(moved))].sort((a, b) => a - b);
      this.#setLoop(session, { start: Math.floor(start), end: Math.floor(end) });
    };
    const end = () => {
      const { loop, now } = session.player;
      if (!isDrag) session.player.seek(first);
      else if (loop && (now < loop.start || now >= loop.end)) session.player.seek(loop.start);
    };
    return { move, end };
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.#zoom(2 ** (event.deltaY / 200), this.#view.frameAt(this.#share(event)));
      return;
    }
    const delta = event.shiftKey ? event.deltaY : event.deltaX;
    if (this.#view.isWhole || delta === 0) return;
    event.preventDefault();
    this.#view.scrollTo(this.#view.start + (delta / this.#parts.surface.clientWidth) * this.#view.span);
    this.#draw();
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Session} session
   */
  #key(event, session) {
    const { player } = session;
    const seconds = event.shiftKey ? 1 : 5;
    /** @type {Record<string, number>} */
    const steps = {
      ArrowRight: seconds, ArrowUp: seconds, ArrowLeft: -seconds, ArrowDown: -seconds, PageUp: 30, PageDown: -30,
      Home: -Infinity, End: Infinity,
    };
    if (!(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    player.seek(player.now + steps[event.key] * player.sampleRate);
  }

  #draw() {
    const { session } = this;
    if (!session || !this.#parts.lanes) return;
    const { start, span } = this.#view;
    // All lanes share one scale, so that loud stems look loud.
    let highest = 0.05;
    for (const lane of this.#parts.lanes) {
      for (const value of lane.peaks?.maximum ?? []) if (value > highest) highest = value;
    }
    this.#parts.lanes.forEach((/** @type {any} */ lane, /** @type {number} */ track) => {
      const gain = Math.min(4, 10 ** ((session.plan.tracks[track].gain ?? 0) / 20));
      lane.classList.toggle("silent", !isAudible(session.plan, track));
      lane.show({ start, span, gain, scale: Math.min(8, 1 / highest) });
    });
    drawRuler(this.#parts.ruler, this.#view, session.player.sampleRate);
    this.#drawLoop();
    this.#lastX = "";
  }

  #drawLoop() {
    const loop = this.session?.player.loop ?? null;
    const { selection } = this.#parts;
    selection.hidden = !loop;
    if (!loop) return;
    const start = Math.min(1, Math.max(0, this.#view.shareOf(loop.start)));
    const end = Math.min(1, Math.max(0, this.#view.shareOf(loop.end)));
    selection.style.left = `${100 * start}%`;
    selection.style.width = `${100 * (end - start)}%`;
  }

  frame() {
    const { session } = this;
    if (!session) return;
    const { player } = session;
    const now = player.now;
    if (player.isPlaying && this.#view.follow(now)) this.#draw();
    const share = this.#view.shareOf(now);
    const { playhead, surface: plane } = this.#parts;
    const x = share < 0 || share > 1 ? "hidden" : `translateX(${(share * plane.clientWidth).toFixed(1)}px)`;
    if (x !== this.#lastX) {
      this.#lastX = x;
      playhead.hidden = x === "hidden";
      if (x !== "hidden") playhead.style.transform = x;
    }
    const seconds = Math.floor(now / player.sampleRate);
    if (seconds === this.#lastSecond) return;
    this.#lastSecond = seconds;
    plane.setAttribute("aria-valuenow", String(seconds));
    plane.setAttribute("aria-valuetext", spokenTime(seconds));
  }
}

customElements.define("tm-timeline", Timeline);
