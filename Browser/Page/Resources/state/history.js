// SPDX-License-Identifier: MIT
// @ts-check
// Undo and redo over values that never change.

/** Steps that can be undone. */
const MAXIMUM_STEPS = 500;
/** Milliseconds within which changes of one thing are one step, such as those of a fader being dragged. */
const MERGE_MILLISECONDS = 700;

/** @template T */
export class History {
  /** @type {T[]} */
  #past = [];
  /** @type {T[]} */
  #future = [];
  #current;
  #key = "";
  #time = -Infinity;
  #now;

  /**
   * @param {T} initial
   * @param {() => number} [now] milliseconds
   */
  constructor(initial, now = () => performance.now()) {
    this.#current = initial;
    this.#now = now;
  }

  get current() { return this.#current; }
  get canUndo() { return this.#past.length > 0; }
  get canRedo() { return this.#future.length > 0; }

  /**
   * @param {T} value
   * @param {string} [key] what is changed; changes of the same soon after each other are one step
   */
  push(value, key = "") {
    if (value === this.#current) return;
    const now = this.#now();
    const isSameStep = key !== "" && key === this.#key && now - this.#time < MERGE_MILLISECONDS;
    if (!isSameStep) {
      this.#past.push(this.#current);
      if (this.#past.length > MAXIMUM_STEPS) this.#past.shift();
    }
    this.#future = [];
    this.#current = value;
    this.#key = key;
    this.#time = now;
  }

  undo() { return this.#step(this.#past, this.#future); }
  redo() { return this.#step(this.#future, this.#past); }

  /**
   * @param {T[]} from
   * @param {T[]} to
   */
  #step(from, to) {
    const value = from.pop();
    if (value === undefined) return false;
    to.push(this.#current);
    this.#current = value;
    this.#key = "";
    return true;
  }
}
