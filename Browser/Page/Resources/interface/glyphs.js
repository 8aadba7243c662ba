// SPDX-License-Identifier: MIT
// @ts-check
// A shape for every stem, beside its colour, for those who do not see the colour.

import { h } from "./dom.js";

const shapes = ["\u25c6", "\u25cf", "\u25b2", "\u25a0", "\u2605", "\u2b22"];

/** @param {number} track */
export const glyph = (track) =>
  h("span", { class: `glyph stem-${track % 6}`, "aria-hidden": "true" }, shapes[track % 6]);
