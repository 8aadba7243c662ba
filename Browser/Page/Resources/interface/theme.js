// SPDX-License-Identifier: MIT
// @ts-check
// Light and dark: as the system has it, until somebody chooses.

import { TasteStorage } from "../taste/storage.js";

const system = matchMedia("(prefers-color-scheme: dark)");

/**
 * @param {HTMLButtonElement} button
 * @param {() => void} onChange
 */
export function setUpTheme(button, onChange) {
  const storage = new TasteStorage();
  const current = () => storage.theme ?? (system.matches ? "dark" : "light");
  const apply = () => {
    document.documentElement.dataset.theme = current();
    button.setAttribute("aria-pressed", String(current() === "dark"));
    onChange();
  };
  button.addEventListener("click", () => {
    storage.theme = current() === "dark" ? "light" : "dark";
    apply();
  });
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
  apply();
}
