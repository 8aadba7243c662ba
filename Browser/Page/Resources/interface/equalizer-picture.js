// SPDX-License-Identifier: MIT
// @ts-check
// The grid and the curve of an equalizer, and where things stand in it: 20 Hz to 20 kHz, -18 to 18 dB.

import { colour, surface } from "./dom.js";
import { decimal } from "./format.js";

const LOWEST_HZ = 20;
const HIGHEST_HZ = 20000;
const LIMIT_DB = 18;
const octaves = Math.log(HIGHEST_HZ / LOWEST_HZ);

/** @param {number} hertz */
export const xOf = (hertz) => Math.log(Math.min(HIGHEST_HZ, Math.max(LOWEST_HZ, hertz)) / LOWEST_HZ) / octaves;

/** @param {number} x 0 to 1 */
export const hertzAt = (x) => LOWEST_HZ * Math.exp(Math.min(1, Math.max(0, x)) * octaves);

/** @param {number} decibels */
export const yOf = (decibels) => 0.5 - Math.min(LIMIT_DB, Math.max(-LIMIT_DB, decibels)) / (2 * LIMIT_DB);

/** @param {number} y 0 to 1 */
export const decibelsAt = (y) => (0.5 - Math.min(1, Math.max(0, y))) * 2 * LIMIT_DB;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {(count: number) => Float32Array | null | undefined} curveOf the response at so many frequencies
 */
export function drawEqualizer(canvas, curveOf) {
  const drawing = surface(canvas);
  if (!drawing) return;
  const { context, width, height } = drawing;
  const [line, text] = [colour(canvas, "--line"), colour(canvas, "--quiet")];
  context.font = getComputedStyle(canvas).font;
  context.textBaseline = "bottom";
  for (const frequency of [50, 100, 200, 500, 1000, 2000, 5000, 10000]) {
    const x = Math.round(xOf(frequency) * width);
    context.fillStyle = line;
    context.fillRect(x, 0, 1, height);
    context.fillStyle = text;
    context.fillText(frequency < 1000 ? String(frequency) : `${frequency / 1000}k`, x + 3, height - 1);
  }
  for (let gain = -LIMIT_DB + 6; gain < LIMIT_DB; gain += 6) {
    const y = Math.round(yOf(gain) * height);
    context.fillStyle = line;
    context.fillRect(0, y, width, gain === 0 ? 2 : 1);
    context.fillStyle = text;
    context.fillText(`${gain > 0 ? "+" : ""}${decimal(gain, 0)} dB`, 3, y - 1);
  }
  const curve = curveOf(Math.min(400, Math.max(2, Math.round(width / 2))));
  if (!curve) return;
  context.strokeStyle = colour(canvas, "--stem");
  context.lineWidth = 2;
  context.beginPath();
  curve.forEach((gain, point) => context.lineTo((point / (curve.length - 1)) * width, yOf(gain) * height));
  context.stroke();
}
