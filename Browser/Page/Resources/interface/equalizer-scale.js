// SPDX-License-Identifier: MIT
// @ts-check
// Where frequencies and gains stand in the picture of an equalizer: 20 Hz to 20 kHz, -18 to 18 dB.

export const LOWEST_HZ = 20;
export const HIGHEST_HZ = 20000;
export const LIMIT_DB = 18;

const octaves = Math.log(HIGHEST_HZ / LOWEST_HZ);

/** @param {number} hertz */
export const xOf = (hertz) => Math.log(Math.min(HIGHEST_HZ, Math.max(LOWEST_HZ, hertz)) / LOWEST_HZ) / octaves;

/** @param {number} x 0 to 1 */
export const hertzAt = (x) => LOWEST_HZ * Math.exp(Math.min(1, Math.max(0, x)) * octaves);

/** @param {number} decibels */
export const yOf = (decibels) => 0.5 - Math.min(LIMIT_DB, Math.max(-LIMIT_DB, decibels)) / (2 * LIMIT_DB);

/** @param {number} y 0 to 1 */
export const decibelsAt = (y) => (0.5 - Math.min(1, Math.max(0, y))) * 2 * LIMIT_DB;
