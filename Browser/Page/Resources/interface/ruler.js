// SPDX-License-Identifier: MIT
// @ts-check

import { colour, surface } from "./dom.js";
import { clock } from "./format.js";

/** Pixels that marks are apart at least. */
const MARK_PIXELS = 70;

/**
 * Seconds between marks that are at least so many pixels apart.
 * @param {number} secondsPerPixel
 * @param {number} pixels
 */
export function markStep(secondsPerPixel, pixels) {
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800];
  return steps.find((step) => step / secondsPerPixel >= pixels) ?? 3600;
}

/**
 * Draws the marks of what is seen of a song.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./view.js").View} view
 * @param {number} sampleRate
 */
export function drawRuler(canvas, view, sampleRate) {
  const drawing = surface(canvas);
  if (!drawing) return;
  const { context, width, height } = drawing;
  const step = markStep(view.span / sampleRate / width, MARK_PIXELS);
  context.fillStyle = colour(canvas, "--quiet");
  context.font = getComputedStyle(canvas).font;
  context.textBaseline = "middle";
  for (let mark = Math.ceil(view.start / sampleRate / step); mark * step * sampleRate <= view.end; mark++) {
    const x = view.shareOf(mark * step * sampleRate) * width;
    context.fillRect(Math.round(x), height - 5, 1, 5);
    if (x < width - 30) context.fillText(clock(mark * step, step < 1), x + 4, height / 2);
  }
}
