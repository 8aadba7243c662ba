// SPDX-License-Identifier: MIT
// @ts-check

/**
 * @typedef {object} Drag
 * @property {(event: PointerEvent) => void} move
 * @property {() => void} [end] when the pointer is released
 */

/**
 * Follows a pointer from where it is pressed on an element until it is released.
 * @param {HTMLElement} element
 * @param {(event: PointerEvent) => Drag} begin
 */
export function onDrag(element, begin) {
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    const drag = begin(event);
    const released = new AbortController();
    const { signal } = released;
    element.addEventListener("pointermove", drag.move, { signal });
    element.addEventListener("pointercancel", () => released.abort(), { signal });
    element.addEventListener("pointerup", () => {
      released.abort();
      drag.end?.();
    }, { signal });
  });
}
