// SPDX-License-Identifier: MIT
// @ts-check
// A song that is open: its stems, its plan with undo and redo, and the player. The plan is all that the player
// is ever told.

import { comparisonGains, estimatedLUFS, loudnessGainDB } from "../audio/loudness.js";
import { withoutProposal } from "./decisions.js";
import { History } from "./history.js";
import { isSame, neutralPlan, withChoice, withShape } from "./plan.js";

/** @typedef {import("./plan.js").MixPlan} MixPlan */
/** @typedef {import("../service/api.js").Job} Job */
/**
 * What the automatic mix has proposed, what it would have without the taste, and the plan before.
 * @typedef {{plan: MixPlan, untasted: MixPlan, before: MixPlan}} Proposal
 */
/** @typedef {import("../audio/player.js").Player | import("../audio/plain-player.js").PlainPlayer} AnyPlayer */

/** Events: `plan`, `selection`, `monitor`, `proposal`; those of playing come from `player`. */
export class Session extends EventTarget {
  /** @type {History<MixPlan>} */
  #history;
  /**
   * What was measured of a plan, with the estimate for that plan, and what the limiter has cost at its loudness.
   * @type {{lufs: number, estimate: number, limiterDB: number, target?: number | null}}
   */
  #measured = { lufs: NaN, estimate: NaN, limiterDB: 0 };
  #isComparing = false;
  /** @type {WeakMap<MixPlan, MixPlan>} what a preset was applied to, by what it has made */
  #bases = new WeakMap();
  #frame = 0;

  /**
   * @param {Job} job
   * @param {AnyPlayer} player
   * @param {{original?: any, stems: Record<string, any>}} meters
   * @param {MixPlan | null} plan
   * @param {Proposal | null} proposal
   */
  constructor(job, player, meters, plan, proposal = null) {
    super();
    this.job = job;
    this.player = player;
    this.meters = meters;
    this.names = (job.stems ?? []).map((stem) => stem.name);
    this.#history = new History(plan ?? neutralPlan(this.names));
    this.selection = Math.max(0, this.names.findIndex((name) => /vocal/.test(name)));
    this.isOriginal = false;
    this.proposal = proposal;
    this.#tellPlayer();
  }

  get plan() { return this.#history.current; }
  get canUndo() { return this.#history.canUndo; }
  get canRedo() { return this.#history.canRedo; }
  /** A take over a backing has no original to compare with. */
  get hasOriginal() { return this.job.original !== undefined; }
  get title() { return this.job.input?.name ?? "Song"; }

  /**
   * Replaces the plan.
   * @param {MixPlan} plan
   * @param {string} [key] see `History.push`
   */
  setPlan(plan, key) {
    const shaped = withShape(plan);
    if (isSame(shaped, this.plan)) return;
    this.#history.push(shaped, key);
    this.#changed();
  }

  /**
   * Sets a value of the plan by hand.
   * @param {import("./plan.js").Path} path
   * @param {any} value
   */
  set(path, value) { this.setPlan(withChoice(this.plan, path, value), path.join(".")); }

  /**
   * Sets values of a section by hand, as one step.
   * @param {import("./plan.js").Path} section
   * @param {Record<string, any>} values
   */
  setAll(section, values) {
    const entries = Object.entries(values);
    const plan = entries.reduce((inner, [key, value]) => withChoice(inner, [...section, key], value), this.plan);
    this.setPlan(plan, [...section, ...Object.keys(values)].join("."));
  }

  /**
   * Applies a preset; after one for a while it begins where that began, unless something was changed since.
   * @param {import("./presets.js").Preset} preset
   */
  apply(preset) {
    const base = this.#bases.get(this.plan) ?? this.plan;
    this.setPlan(preset.apply(base));
    if (!preset.isLasting && this.plan !== base) this.#bases.set(this.plan, base);
  }

  undo() { if (this.#history.undo()) this.#changed(); }
  redo() { if (this.#history.redo()) this.#changed(); }

  /** @param {number} track */
  select(track) {
    if (track === this.selection || track < -1 || track >= this.names.length) return;
    this.selection = track;
    this.dispatchEvent(new Event("selection"));
  }

  /** @param {boolean} isOriginal */
  listenToOriginal(isOriginal) {
    if (!this.hasOriginal) return;
    this.isOriginal = isOriginal;
    // The mix stays as loud as the original until it is worked on.
    if (isOriginal) this.#isComparing = true;
    this.player.setMonitor(isOriginal, this.comparison);
    this.dispatchEvent(new Event("monitor"));
  }

  /**
   * Takes a proposal over; that which was taken over last counts as not made.
   * @param {MixPlan} plan
   * @param {MixPlan} untasted
   */
  propose(plan, untasted) {
    const before = this.proposal ? withoutProposal(this.plan, this.proposal) : this.plan;
    this.proposal = { plan: withShape(plan), untasted: withShape(untasted), before };
    this.setPlan(plan);
    this.dispatchEvent(new Event("proposal"));
  }

  /**
   * Shows beside the plan what the automatic mix would have done.
   * @param {MixPlan} untasted
   */
  compare(untasted) {
    const plan = withShape(untasted);
    this.proposal = { plan, untasted: plan, before: this.plan };
    this.dispatchEvent(new Event("proposal"));
  }

  /**
   * Takes over what was made of the song in another tab.
   * @param {MixPlan} plan
   * @param {Proposal | null} proposal
   */
  follow(plan, proposal) {
    this.setPlan(plan, "another tab");
    if (JSON.stringify(proposal) === JSON.stringify(this.proposal)) return;
    this.proposal = proposal;
    this.dispatchEvent(new Event("proposal"));
  }

  /**
   * Tells how loud a plan is before its loudness gain, and what that has to be.
   * @param {MixPlan} plan
   * @param {{lufs: number, gainDB: number}} measured
   */
  setMeasured(plan, { lufs, gainDB }) {
    const estimate = estimatedLUFS(plan, this.meters.stems);
    const limiterDB = gainDB - loudnessGainDB(plan, lufs);
    this.#measured = { lufs, estimate, limiterDB, target: plan.master.loudness };
    this.#tellPlayer();
    this.dispatchEvent(new Event("monitor"));
  }

  /** How loud the mix is before its loudness gain: measured, moved by what faders have changed since. */
  get mixLUFS() {
    const estimate = estimatedLUFS(this.plan, this.meters.stems);
    const { lufs, estimate: then } = this.#measured;
    return isFinite(lufs) && isFinite(then) && isFinite(estimate) ? lufs + estimate - then : estimate;
  }

  /** The gain before the limiter. */
  get loudnessGainDB() {
    const gain = loudnessGainDB(this.plan, this.mixLUFS);
    const target = this.plan.master.loudness;
    return typeof target === "number" && target === this.#measured.target ? gain + this.#measured.limiterDB : gain;
  }

  /** Gains for hearing mix and original at the same loudness; that of the mix is 1 while nobody compares. */
  get comparison() {
    const heard = this.mixLUFS + loudnessGainDB(this.plan, this.mixLUFS);
    const gains = comparisonGains(heard, this.meters.original);
    return this.#isComparing ? gains : { ...gains, mix: 1 };
  }

  #changed() {
    if (!this.isOriginal) this.#isComparing = false;
    this.dispatchEvent(new Event("plan"));
    // A fader that is dragged changes the plan more often than anybody hears.
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#tellPlayer());
  }

  #tellPlayer() {
    this.player.setPlan(this.plan);
    this.player.setLoudnessGain(this.loudnessGainDB);
    this.player.setMonitor(this.isOriginal, this.comparison);
  }
}
