// SPDX-License-Identifier: MIT
// @ts-check
// Mixes that people ask for by name. A preset sets faders, mute and solo, and leaves everything else.

/** @typedef {import("./plan.js").MixPlan} MixPlan */
/** @typedef {import("./plan.js").Track} Track */

const isVocal = (/** @type {Track} */ track) => /vocal|voice|vox|sing/i.test(track.name);
const named = (/** @type {string} */ word) => (/** @type {Track} */ track) => track.name.toLowerCase().includes(word);

/**
 * @param {(track: Track) => Partial<Track>} change
 * @returns {(plan: MixPlan) => MixPlan}
 */
const eachTrack = (change) => (plan) => ({
  ...plan, tracks: plan.tracks.map((track) => ({ ...track, mute: false, solo: false, ...change(track) })),
});

/**
 * @param {(track: Track) => boolean} isLeftOut
 */
const without = (isLeftOut) => eachTrack((track) => ({ mute: isLeftOut(track) }));

/**
 * @typedef {object} Preset
 * @property {string} id
 * @property {string} name
 * @property {(plan: MixPlan) => MixPlan} apply
 * @property {(plan: MixPlan) => boolean} fits
 * @property {boolean} [isLasting] whether the next one builds on it; the others are for a while
 */

/**
 * @param {string} id
 * @param {string} name
 * @param {(plan: MixPlan) => MixPlan} apply
 * @param {(track: Track) => boolean} needs a track that there has to be
 * @returns {Preset}
 */
const preset = (id, name, apply, needs = () => true) => ({
  id, name, apply, fits: (plan) => plan.tracks.some(needs),
});

/** @type {Preset[]} */
export const presets = [
  preset("all", "Everything", eachTrack(() => ({}))),
  { ...preset("flat", "All faders at 0 dB", eachTrack(() => ({ gain: 0, pan: 0 }))), isLasting: true },
  preset("karaoke", "Karaoke: no vocals", without(isVocal), isVocal),
  preset(
    "sing-along", "Sing along: soft vocals", eachTrack((track) => (isVocal(track) ? { gain: -12 } : {})), isVocal),
  preset("a-cappella", "A cappella: only vocals", without((track) => !isVocal(track)), isVocal),
  preset("no-drums", "Practice without drums", without(named("drum")), named("drum")),
  preset("no-bass", "Practice without bass", without(named("bass")), named("bass")),
  preset("no-other", "Practice without the rest", without(named("other")), named("other")),
  preset("rhythm", "Drums and bass", without((track) => !/drum|bass/i.test(track.name)), named("drum")),
];
