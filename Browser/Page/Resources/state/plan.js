// SPDX-License-Identifier: MIT
// @ts-check
// The mix plan as the page holds it: a value that is never changed, only replaced.
// Its format is Documentation/mixplan.schema.json.

/**
 * @typedef {Record<string, string>} Because
 * @typedef {{type?: string, frequency?: number, gain?: number, q?: number, because?: Because}} Band
 * @typedef {{threshold?: number, ratio?: number, knee?: number, attack?: number, release?: number,
 *   makeup?: number, mix?: number, sideChain?: string | null, because?: Because}} Compressor
 * @typedef {{frequency?: number, slope?: number, because?: Because}} PassFilter
 * @typedef {{name: string, gain?: number, pan?: number, mute?: boolean, solo?: boolean,
 *   highPass?: PassFilter | null, lowPass?: PassFilter | null, equalizer?: Band[],
 *   compressor?: Compressor | null, width?: number, reverbSend?: number | null,
 *   because?: Because}} Track
 * @typedef {{gain?: number, equalizer?: Band[], compressor?: Compressor | null, width?: number,
 *   loudness?: number | null, limiter?: object | null, because?: Because}} Master
 * @typedef {{version: 1, tracks: Track[], reverb?: any, master: Master, because?: Because}} MixPlan
 * @typedef {(string | number)[]} Path
 */

/** Ranges and standards that the page needs, as in the schema. */
export const Ranges = {
  gain: { minimum: -96, maximum: 24, standard: 0 },
  pan: { minimum: -1, maximum: 1, standard: 0 },
  bandGain: { minimum: -24, maximum: 24, standard: 0 },
  frequency: { minimum: 20, maximum: 20000, standard: 1000 },
  q: { minimum: 0.1, maximum: 20, standard: Math.SQRT1_2 },
  threshold: { minimum: -80, maximum: 0, standard: -18 },
  ratio: { minimum: 1, maximum: 100, standard: 2 },
  knee: { minimum: 0, maximum: 24, standard: 6 },
  attack: { minimum: 0.05, maximum: 500, standard: 10 },
  release: { minimum: 1, maximum: 5000, standard: 100 },
  makeup: { minimum: -24, maximum: 36, standard: 0 },
};

/** Bands that a track can have. */
export const MAXIMUM_BANDS = 16;

/**
 * The stems as they are; the standard room with nothing sent into it, and the standard end of the master.
 * @param {string[]} names
 * @returns {MixPlan}
 */
export function neutralPlan(names) {
  return {
    version: 1,
    tracks: names.map((name) => ({ name })),
    reverb: {},
    master: { loudness: -14, limiter: {} },
  };
}

/**
 * A plan from elsewhere, brought into the shape that the page relies on.
 * @param {any} plan
 * @returns {MixPlan}
 */
export function withShape(plan) {
  return { ...plan, tracks: plan.tracks ?? [], master: plan.master ?? {} };
}

/**
 * A plan with its tracks in the order of names; null where it is about other ones.
 * @param {any} plan
 * @param {string[]} names
 * @returns {MixPlan | null}
 */
export function withOrder(plan, names) {
  const tracks = plan?.tracks ?? [];
  const ordered = names.map((name) => tracks.find((/** @type {any} */ track) => track?.name === name));
  return tracks.length === names.length && ordered.every(Boolean) ? { ...plan, tracks: ordered } : null;
}

/**
 * @param {any} value
 * @param {Path} path
 * @returns {any}
 */
export function valueAt(value, path) {
  return path.reduce((inner, key) => inner?.[key], value);
}

/**
 * A copy with another value at a path; `undefined` takes the key, or the entry of a list, away.
 * @template T
 * @param {T} value
 * @param {Path} path
 * @param {any} replacement
 * @returns {T}
 */
export function withValue(value, path, replacement) {
  if (path.length === 0) return replacement;
  const [key, ...rest] = path;
  /** @type {any} */
  const copy = Array.isArray(value) ? [...value] : { ...value };
  const inner = withValue(copy[key], rest, replacement);
  if (inner !== undefined) copy[key] = inner;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key];
  return copy;
}

/**
 * What a person sets: the value, without the reason that an advisor gave for another one.
 * @param {MixPlan} plan
 * @param {Path} path
 * @param {any} value
 * @returns {MixPlan}
 */
export function withChoice(plan, path, value) {
  const key = path[path.length - 1];
  const reasons = [...path.slice(0, -1), "because"];
  const changed = withValue(plan, path, value);
  if (valueAt(changed, reasons)?.[key] === undefined) return changed;
  return withValue(changed, [...reasons, key], undefined);
}

/**
 * @param {MixPlan} plan
 * @param {number} track
 */
export const isAudible = (plan, track) => {
  const hasSolo = plan.tracks.some((one) => one.solo);
  return !plan.tracks[track].mute && (!hasSolo || Boolean(plan.tracks[track].solo));
};

/**
 * A plan, or a part of one, without its reasons.
 * @template T
 * @param {T} value
 * @returns {T}
 */
export function withoutReasons(value) {
  if (Array.isArray(value)) return /** @type {any} */ (value.map(withoutReasons));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "because");
  return /** @type {any} */ (Object.fromEntries(entries.map(([key, inner]) => [key, withoutReasons(inner)])));
}

/**
 * Whether two values say the same, reasons aside.
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
export function isSame(a, b) {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  keys.delete("because");
  return Array.isArray(a) === Array.isArray(b) && [...keys].every((key) => isSame(a[key], b[key]));
}
