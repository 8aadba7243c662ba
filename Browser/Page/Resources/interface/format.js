// SPDX-License-Identifier: MIT
// @ts-check
// Numbers as people read them, on the screen and aloud.

/** Gains up to this one are as good as none. */
export const SILENT_DB = -60;

const minus = (/** @type {string} */ text) => text.replace("-", "\u2212");

/**
 * @param {number} value
 * @param {number} [digits]
 */
export function decimal(value, digits = 1) {
  return minus((Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value).toFixed(digits));
}

/** @param {number} value */
export const decibels = (value) =>
  value <= SILENT_DB ? "\u2212\u221e dB" : `${value > 0 ? "+" : ""}${decimal(value)} dB`;

/** @param {number} value a level, which has no plus */
export const level = (value) => (isFinite(value) && value > -100 ? decimal(value) : "\u2212\u221e");

/** @param {number} value -1 to 1 */
export function pan(value) {
  const percent = Math.round(100 * Math.abs(value));
  if (percent === 0) return "centre";
  return `${percent} % ${value < 0 ? "left" : "right"}`;
}

/** @param {number} value */
export const hertz = (value) => (value < 1000 ? `${Math.round(value)} Hz` : `${(value / 1000).toPrecision(3)} kHz`);

/**
 * Such as 1:05.
 * @param {number} seconds
 * @param {boolean} [tenths]
 */
export function clock(seconds, tenths = false) {
  const whole = Math.max(0, tenths ? Math.floor(seconds * 10) / 10 : Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = (whole % 60).toFixed(tenths ? 1 : 0).padStart(tenths ? 4 : 2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/**
 * Such as 1 minute 5 seconds.
 * @param {number} seconds
 */
export function spokenTime(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  const part = (/** @type {number} */ count, /** @type {string} */ word) =>
    `${count} ${word}${count === 1 ? "" : "s"}`;
  if (minutes === 0) return part(rest, "second");
  return rest === 0 ? part(minutes, "minute") : `${part(minutes, "minute")} ${part(rest, "second")}`;
}
