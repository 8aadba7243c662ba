// SPDX-License-Identifier: MIT
// @ts-check
// The storages of the browser; where it forbids them, the page forgets everything when it is closed, and works.

/** What a storage does, in memory. */
class PassingStorage {
  /** @type {Map<string, string>} */
  #items = new Map();
  get length() { return this.#items.size; }
  key(/** @type {number} */ index) { return [...this.#items.keys()][index] ?? null; }
  getItem(/** @type {string} */ key) { return this.#items.get(key) ?? null; }
  setItem(/** @type {string} */ key, /** @type {string} */ value) { this.#items.set(key, value); }
  removeItem(/** @type {string} */ key) { this.#items.delete(key); }
  clear() { this.#items.clear(); }
}

/** @param {"localStorage" | "sessionStorage"} name */
function opened(name) {
  try {
    // Merely to name it may throw, and so may the first use.
    const storage = globalThis[name];
    storage.getItem("");
    return storage;
  } catch {
    return new PassingStorage();
  }
}

/**
 * Shared by all tabs.
 * @type {Storage}
 */
export const sharedStorage = opened("localStorage");

/**
 * Of this tab.
 * @type {Storage}
 */
export const tabStorage = opened("sessionStorage");

/**
 * Keeps a text where there is room; without it the page still works.
 * @param {Storage} storage
 * @param {string} key
 * @param {string} text
 */
export function keep(storage, key, text) {
  try {
    storage.setItem(key, text);
  } catch { /* full or forbidden */ }
}
