// SPDX-License-Identifier: MIT
// @ts-check
// What an automatic mix has decided: its values with their reasons, each of which can be taken or left.

import { isSame, valueAt, withValue } from "./plan.js";

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
        id: place.join("."), track, what: words[key] ?? key, path: place, value, before: old, isBand: false, reasons,
      });
    }
    for (const [index, band] of (section.equalizer ?? []).entries()) {
      const list = [...path, "equalizer"];
      if ((valueAt(before, list) ?? []).some((/** @type {any} */ other) => isSame(other, band))) continue;
      found.push({
        id: [...list, index].join("."), track, what: "equalizer", path: list, value: band, before: undefined,
        isBand: true, reasons: Object.values(band.because ?? {}),
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
 * Whether a plan follows a decision: `taken`, `changed` by hand, or `left`.
 * @param {MixPlan} plan
 * @param {Decision} decision
 */
export function stateOf(plan, decision) {
  const value = valueAt(plan, decision.path);
  if (decision.isBand) {
    return (value ?? []).some((/** @type {any} */ band) => isSame(band, decision.value)) ? "taken" : "left";
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
  const others = (valueAt(plan, decision.path) ?? []).filter(
    (/** @type {any} */ band) => !isSame(band, decision.value));
  return withValue(plan, decision.path, isTaken ? [...others, decision.value] : others);
}
