// SPDX-License-Identifier: MIT
// @ts-check

import { h } from "./dom.js";
import { decimal, hertz } from "./format.js";

/** @typedef {import("../state/sections.js").Control} Control */

/** Significant digits of values that move by ratios. */
const DIGITS = 3;

/** @param {Control} control */
const least = ({ minimum, isLogarithmic }) => (isLogarithmic ? Math.log2(minimum) : minimum);
/** @param {Control} control */
const most = ({ maximum, isLogarithmic }) => (isLogarithmic ? Math.log2(maximum) : maximum);

/**
 * @param {Control} control
 * @param {number} value
 */
function reading({ unit, step, isLogarithmic }, value) {
  if (unit === "Hz") return hertz(value);
  const digits = isLogarithmic ? (value < 10 ? 2 : 0) : step < 0.1 ? 2 : 1;
  return `${decimal(value, digits)} ${unit}`.trim();
}

/** Sliders for the values of a section, each with its name and what it says; a double click resets one. */
export class ValueSliders {
  /** @type {{control: Control, input: any, output: any}[]} */
  #sliders = [];

  /**
   * @param {Control[]} controls
   * @param {string} title spoken before each name; may be empty
   * @param {(key: string, value: number) => void} set
   * @param {Record<string, number>} [start] what a double click brings back, where that is not the standard
   */
  constructor(controls, title, set, start = {}) {
    this.element = h("div", { class: "sliders" });
    for (const control of controls) {
      const output = h("output", {});
      const input = h("input", {
        type: "range", min: least(control), max: most(control), step: control.step,
        "aria-label": title ? `${title}: ${control.name}` : control.name,
        oninput: () => set(control.key, control.isLogarithmic
          ? Number((2 ** Number(input.value)).toPrecision(DIGITS)) : Number(input.value)),
        ondblclick: () => set(control.key, start[control.key] ?? control.standard),
      });
      this.#sliders.push({ control, input, output });
      this.element.append(h("label", { class: "slider" }, h("span", {}, control.name), input, output));
    }
  }

  /** @param {Record<string, any> | null | undefined} section nothing where it is off */
  update(section) {
    for (const { control, input, output } of this.#sliders) {
      const value = section?.[control.key] ?? control.standard;
      input.disabled = !section;
      input.value = String(control.isLogarithmic ? Math.log2(value) : value);
      output.textContent = section ? reading(control, value) : "";
      input.setAttribute("aria-valuetext", reading(control, value));
    }
  }
}
