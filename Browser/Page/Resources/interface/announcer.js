// SPDX-License-Identifier: MIT
// @ts-check
// Says things: to those who look, in a line that goes away, and to screen readers.

const SHOWN_MILLISECONDS = 4500;

let timer = 0;

/**
 * @param {string} text
 * @param {"news" | "trouble"} [kind]
 */
export function announce(text, kind = "news") {
  const line = document.getElementById("status");
  if (!line) return;
  line.textContent = text;
  line.dataset.kind = kind;
  clearTimeout(timer);
  timer = window.setTimeout(() => { line.textContent = ""; }, SHOWN_MILLISECONDS);
}

/** @param {unknown} error */
export function announceTrouble(error) {
  if (error instanceof DOMException && error.name === "AbortError") return;
  announce(error instanceof Error ? error.message : String(error), "trouble");
}
