// SPDX-License-Identifier: MIT
// @ts-check
// What an automatic mix has decided: its values with their reasons, each of which can be taken or left.

import { isSame, valueAt, withValue } from "./plan.js";

/** @typedef {import("./plan.js").Band} Band */
/** @typedef {import("./plan.js").MixPlan} MixPlan */
/** @typedef {import("./plan.js").Path} Path */

/**
 * @typedef {object} Decision
 * @property {string} id
 * @property {string} track the name of a track, `reverb` or `master`
 * @property {string} what such as `fader`
 * @property {Path} path of the value; of a band, of the list it is in
 * @property {any} value
 * @property {any} before what the value was
 * @property {boolean} isBand whether the value is an entry of the list
 * @property {Band[]} others of a band, those that were there before and those that are decided beside it
 * @property {string[]} reasons
 */

/** Sections that count as decisions even where nobody has said why. */
const sections = ["highPass", "lowPass", "gate", "deEsser", "compressor", "saturation"];

/** @type {Record<string, string>} */
const words = {
  gain: "fader", pan: "pan", mute: "mute", width: "width", reverbSend: "reverb send", highPass: "low cut",
  lowPass: "high cut", gate: "gate", deEsser: "de-esser", compressor: "compressor", saturation: "saturation",
  loudness: "loudness", limiter: "limiter", decayMid: "decay", decayLow: "decay of the lows",
  decayHigh: "decay of the highs", preDelay: "pre-delay", early: "early reflections",
};

/**
 * Every decision of a proposal that changes what was before.
 * @param {MixPlan} before
 * @param {MixPlan} proposal
 * @returns {Decision[]}
 */
export function decisions(before, proposal) {
  /** @type {Decision[]} */
  const found = [];
  const visit = (/** @type {string} */ track, /** @type {Path} */ path) => {
    const section = valueAt(proposal, path);
    if (!section) return;
    for (const key of Object.keys(section)) {
      if (key === "because" || key === "name" || key === "equalizer") continue;
      const place = [...path, key];
      const value = section[key];
      const old = valueAt(before, place);
      const reasons = reasonsOf(section, key);
      if (isSame(old ?? standard(key, value), value)) continue;
      if (reasons.length === 0 && !sections.includes(key)) continue;
      found.push({
        id: place.join("."), track, what: words[key] ?? key, path: place, value, before: old, isBand: false, others: [],
        reasons,
      });
    }
    /** @type {Band[]} */
    const bands = section.equalizer ?? [];
    const list = [...path, "equalizer"];
    /** @type {Band[]} */
    const old = valueAt(before, list) ?? [];
    for (const [index, band] of bands.entries()) {
      if (old.some((other) => isSame(other, band))) continue;
      found.push({
        id: [...list, index].join("."), track, what: "equalizer", path: list, value: band, before: undefined,
        isBand: true, others: [...old, ...bands.filter((other) => other !== band)],
        reasons: Object.values(band.because ?? {}),
      });
    }
  };
  proposal.tracks.forEach((track, index) => visit(track.name, ["tracks", index]));
  visit("reverb", ["reverb"]);
  visit("master", ["master"]);
  return found;
}

/**
 * What a missing value counts as.
 * @param {string} key
 * @param {any} value
 */
function standard(key, value) {
  if (key === "gain" || key === "pan") return 0;
  if (key === "width") return 1;
  if (typeof value === "boolean") return false;
  return typeof value === "object" ? null : undefined;
}

/**
 * @param {any} section
 * @param {string} key
 * @returns {string[]}
 */
function reasonsOf(section, key) {
  const own = section.because?.[key];
  const inner = typeof section[key] === "object" ? Object.values(section[key]?.because ?? {}) : [];
  return [...(own ? [own] : []), ...inner];
}

/**
 * Octaves between two bands; those of different types have nothing to do with each other.
 * @param {Band} a
 * @param {Band} b
 */
function distance(a, b) {
  if ((a.type ?? "bell") !== (b.type ?? "bell")) return Infinity;
  return Math.abs(Math.log2((a.frequency ?? 1000) / (b.frequency ?? 1000)));
}

/**
 * Which band of a plan a decision is about, wherever it was moved: that which it decided, else the nearest of its
 * type that is nearer to it than to others; -1 where there is none.
 * @param {Band[]} bands
 * @param {Decision} decision
 */
function bandIndex(bands, { value, others }) {
  const exact = bands.findIndex((band) => isSame(band, value));
  if (exact >= 0) return exact;
  let [nearest, least] = [-1, Infinity];
  for (const [index, band] of bands.entries()) {
    const octaves = distance(band, value);
    const isOfOther = others.some((other) => isSame(other, band) || distance(band, other) < octaves);
    if (!isOfOther && octaves < least) [nearest, least] = [index, octaves];
  }
  return nearest;
}

/**
 * Whether a plan follows a decision: `taken`, `changed` by hand, or `left`.
 * @param {MixPlan} plan
 * @param {Decision} decision
 */
export function stateOf(plan, decision) {
  const value = valueAt(plan, decision.path);
  if (decision.isBand) {
    const band = (value ?? [])[bandIndex(value ?? [], decision)];
    if (!band) return "left";
    return isSame(band, decision.value) ? "taken" : "changed";
  }
  if (isSame(value, decision.value)) return "taken";
  return isSame(value ?? null, decision.before ?? null) ? "left" : "changed";
}

/**
 * The plan with a decision taken or left.
 * @param {MixPlan} plan
 * @param {Decision} decision
 * @param {boolean} isTaken
 */
export function withDecision(plan, decision, isTaken) {
  if (!decision.isBand) return withValue(plan, decision.path, isTaken ? decision.value : decision.before);
  const bands = valueAt(plan, decision.path) ?? [];
  const index = bandIndex(bands, decision);
  if (index < 0 && !isTaken) return plan;
  return withValue(plan, [...decision.path, index < 0 ? bands.length : index], isTaken ? decision.value : undefined);
}

/**
 * The plan as it would be without what a proposal has decided and nobody has changed since.
 * @param {MixPlan} plan
 * @param {{before: MixPlan, plan: MixPlan}} proposal
 */
export function withoutProposal(plan, proposal) {
  return decisions(proposal.before, proposal.plan)
    .filter((decision) => stateOf(plan, decision) === "taken")
    .reduce((inner, decision) => withDecision(inner, decision, false), plan);
}
