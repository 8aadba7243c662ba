// SPDX-License-Identifier: MIT
// @ts-check
// MixCore in WebAssembly, as the Swift files in Browser/Core export it. Text goes in and out as UTF-8 bytes,
// since a worklet has no TextDecoder.

/** An instance of one of our modules. */
export class Core {
  /** @param {WebAssembly.Instance} instance */
  constructor(instance) {
    /** @type {any} */
    this.exports = instance.exports;
  }

  /**
   * The samples at a pointer. Made anew for every use, since memory that grows leaves old views empty.
   * @param {number} pointer
   * @param {number} count
   */
  floats(pointer, count) {
    return new Float32Array(this.exports.memory.buffer, pointer, count);
  }

  /**
   * A copy of the text that the module has left.
   * @param {number} length
   */
  message(length) {
    return new Uint8Array(this.exports.memory.buffer, this.exports.message(), length).slice();
  }

  /**
   * Calls a function with texts as pairs of pointer and length.
   * @param {Uint8Array[]} texts
   * @param {(...places: number[]) => number} body
   */
  withBytes(texts, body) {
    const pointers = texts.map((text) => this.exports.allocate(text.length));
    texts.forEach((text, index) => {
      new Uint8Array(this.exports.memory.buffer, pointers[index], text.length).set(text);
    });
    const result = body(...texts.flatMap((text, index) => [pointers[index], text.length]));
    for (const pointer of pointers) this.exports.deallocate(pointer);
    return result;
  }
}
