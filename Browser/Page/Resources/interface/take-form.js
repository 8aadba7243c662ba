// SPDX-License-Identifier: MIT
// @ts-check

import { h } from "./dom.js";

/** A vocal and its backing, as two files, and how the take is made ready. */
export class TakeForm extends HTMLElement {
  /** @type {(files: {vocal: File, backing: File}, fields: Record<string, string>) => void} */
  onTake = () => {};

  connectedCallback() {
    const file = (/** @type {string} */ id, /** @type {string} */ text) =>
      h("label", { htmlFor: id, class: "file" },
        h("span", {}, text), h("input", { type: "file", id, required: true, accept: "audio/*,video/*" }));
    const check = (/** @type {string} */ id, /** @type {string} */ text) =>
      h("label", { class: "check" }, h("input", { type: "checkbox", id, defaultChecked: true }), text);
    const tune = h("input", {
      type: "range", id: "take-tune", min: 0, max: 1, step: 0.05, defaultValue: 0, "aria-valuetext": "off",
    });
    const shown = h("output", {}, "off");
    const latency = h("input", {
      type: "number", id: "take-latency", min: -60000, max: 60000, step: "any", placeholder: "found by itself",
    });
    const showTune = () => {
      shown.textContent = Number(tune.value) === 0 ? "off" : `${Math.round(100 * tune.value)} %`;
      tune.setAttribute("aria-valuetext", shown.textContent);
    };
    tune.addEventListener("input", showTune);
    const form = h("form", {
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        const part = (/** @type {string} */ id) => form.querySelector(`#${id}`);
        // In decibels; the standard strength where nothing is said.
        const fields = {
          tune: tune.value,
          ...(latency.value === "" ? {} : { latency: latency.value }),
          ...(part("take-denoise").checked ? {} : { denoise: "0" }),
          ...(part("take-debleed").checked ? {} : { debleed: "0" }),
        };
        this.onTake({ vocal: part("take-vocal").files[0], backing: part("take-backing").files[0] }, fields);
        form.reset();
        showTune();
      },
    }, file("take-vocal", "Vocal"), file("take-backing", "Backing"),
      check("take-denoise", "less noise"), check("take-debleed", "less of the backing in the take"),
      h("label", { class: "check" }, "Tune ", tune, shown),
      h("label", { class: "check" }, "Late by ", latency, " ms"),
      h("button", { class: "primary" }, "Mix the vocal over the backing"));
    this.replaceChildren(h("details", {}, h("summary", {}, "A vocal over a backing"), form));
  }
}

customElements.define("tm-take", TakeForm);
