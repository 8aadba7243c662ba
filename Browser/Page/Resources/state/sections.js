// SPDX-License-Identifier: MIT
// @ts-check
// What can be set of a plan beside faders, pans and bands, as the page offers it. A slider may reach less far than
// the format (Documentation/mixplan.schema.json), which a test compares.

/** The step of sliders that move by ratios: 1.4 %. */
const OCTAVES = 0.02;

/**
 * @typedef {object} Control
 * @property {string} key
 * @property {string} name
 * @property {string} unit
 * @property {number} minimum
 * @property {number} maximum
 * @property {number} step in octaves where it moves by ratios
 * @property {number} standard what a missing value counts as
 * @property {boolean} isLogarithmic whether the slider moves by ratios
 *
 * @typedef {object} Section
 * @property {string} name
 * @property {"track" | "strip" | "master" | "plan" | "room"} place what it belongs to; a strip is a track or the master
 * @property {string} [key] of what is `null` while it is off; nothing where it is always on
 * @property {any} [start] what it becomes when it is switched on
 * @property {boolean} [isValue] whether the key holds a number instead of a section
 * @property {Control[]} controls
 */

/**
 * @param {string} key
 * @param {string} name
 * @param {string} unit
 * @param {number} minimum
 * @param {number} maximum
 * @param {number} step
 * @param {number} standard
 * @returns {Control}
 */
const even = (key, name, unit, minimum, maximum, step, standard) =>
  ({ key, name, unit, minimum, maximum, step, standard, isLogarithmic: false });

/**
 * @param {string} key
 * @param {string} name
 * @param {string} unit
 * @param {number} minimum
 * @param {number} maximum
 * @param {number} standard
 * @returns {Control}
 */
const ratio = (key, name, unit, minimum, maximum, standard) =>
  ({ key, name, unit, minimum, maximum, step: OCTAVES, standard, isLogarithmic: true });

const filter = [ratio("frequency", "Frequency", "Hz", 20, 20000, 80), even("slope", "Slope", "dB/oct", 12, 24, 12, 12)];

/** Of the compressor, which has a picture of its own. */
export const compressorControls = [
  even("threshold", "Threshold", "dB", -60, 0, 0.5, -18),
  even("ratio", "Ratio", ": 1", 1, 20, 0.1, 2),
  even("knee", "Knee", "dB", 0, 24, 0.5, 6),
  ratio("attack", "Attack", "ms", 0.1, 200, 10),
  ratio("release", "Release", "ms", 5, 2000, 100),
  even("makeup", "Make-up", "dB", -12, 24, 0.1, 0),
  even("mix", "Mix", "", 0, 1, 0.01, 1),
];

/** @type {Section[]} */
export const equalizerSections = [
  { name: "Low cut", place: "track", key: "highPass", start: { frequency: 80 }, controls: filter },
  { name: "High cut", place: "track", key: "lowPass", start: { frequency: 16000 }, controls: filter },
];

/** @type {Section[]} */
export const dynamicsSections = [
  {
    name: "Gate", place: "track", key: "gate", start: {}, controls: [
      even("threshold", "Threshold", "dB", -90, 0, 0.5, -50),
      even("ratio", "Ratio", ": 1", 1, 20, 0.1, 10),
      even("range", "Range", "dB", 0, 100, 1, 40),
      ratio("attack", "Attack", "ms", 0.05, 100, 1),
      even("hold", "Hold", "ms", 0, 1000, 5, 50),
      ratio("release", "Release", "ms", 5, 2000, 150),
    ],
  },
  {
    name: "De-esser", place: "track", key: "deEsser", start: {}, controls: [
      ratio("frequency", "From", "Hz", 2000, 12000, 6000),
      even("threshold", "Threshold", "dB", -60, 0, 0.5, -30),
      even("ratio", "Ratio", ": 1", 1, 20, 0.1, 4),
      even("range", "Range", "dB", 0, 24, 0.5, 8),
    ],
  },
  {
    name: "Saturation", place: "track", key: "saturation", start: {}, controls: [
      even("drive", "Drive", "dB", 0, 36, 0.5, 6),
      even("mix", "Mix", "", 0, 1, 0.01, 1),
    ],
  },
  {
    name: "Loudness target", place: "master", key: "loudness", start: -14, isValue: true,
    controls: [even("loudness", "Loudness", "LUFS", -30, -6, 0.5, -14)],
  },
  {
    name: "Limiter", place: "master", key: "limiter", start: {}, controls: [
      even("ceiling", "Ceiling", "dBTP", -12, 0, 0.1, -1),
      ratio("release", "Release", "ms", 5, 2000, 100),
    ],
  },
];

/** @type {Section[]} */
export const roomSections = [
  {
    name: "Send into the room", place: "track", key: "reverbSend", start: -18, isValue: true,
    controls: [even("reverbSend", "Send", "dB", -60, 12, 0.5, -18)],
  },
  { name: "Stereo", place: "strip", controls: [even("width", "Width", "", 0, 2, 0.01, 1)] },
  {
    name: "Room", place: "plan", key: "reverb", start: {}, controls: [
      even("gain", "Level", "dB", -60, 12, 0.5, 0),
      ratio("decayLow", "Decay of lows", "s", 0.1, 10, 1.6),
      ratio("decayMid", "Decay", "s", 0.1, 10, 1.5),
      ratio("decayHigh", "Decay of highs", "s", 0.1, 10, 1),
      ratio("crossoverLow", "Lows below", "Hz", 50, 1000, 250),
      ratio("crossoverHigh", "Highs above", "Hz", 1200, 12000, 4000),
      even("preDelay", "Pre-delay", "ms", 0, 250, 1, 20),
      even("early", "Early sound", "dB", -60, 12, 0.5, -6),
      even("width", "Width", "", 0, 1, 0.01, 1),
    ],
  },
  { name: "Low cut of the room", place: "room", key: "highPass", start: { frequency: 200 }, controls: filter },
  { name: "High cut of the room", place: "room", key: "lowPass", start: { frequency: 8000 }, controls: filter },
];
