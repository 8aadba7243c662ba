// SPDX-License-Identifier: MIT
// @ts-check
// WAV files of 32-bit floats: reading their headers (RIFF and RF64, EBU Tech 3306), their frames, and writing.

/**
 * @typedef {object} WavLayout
 * @property {number} sampleRate
 * @property {number} channelCount
 * @property {number} frameCount
 * @property {number} dataOffset bytes before the first frame
 * @property {number} bytesPerFrame
 */

/** A header that is not there, not ours, or does not fit into the bytes given. */
export class WavError extends Error {}

const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/**
 * Reads the header of a file of which the first bytes are there.
 * @param {ArrayBuffer} buffer
 * @returns {WavLayout}
 */
export function parseHeader(buffer) {
  const view = new DataView(buffer);
  const tag = (/** @type {number} */ at) =>
    at + 4 <= view.byteLength ? String.fromCharCode(...new Uint8Array(buffer, at, 4)) : "";
  const kind = tag(0);
  if ((kind !== "RIFF" && kind !== "RF64") || tag(8) !== "WAVE") throw new WavError("This is no WAV file.");
  /** @type {{channelCount: number, sampleRate: number, bytesPerFrame: number} | null} */
  let format = null;
  let longDataSize = -1;
  let at = 12;
  while (at + 8 <= view.byteLength) {
    const id = tag(at);
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    if (id === "data") {
      if (!format) throw new WavError("The WAV file does not say what its samples are.");
      const byteCount = kind === "RF64" && size === 0xffffffff ? longDataSize : size;
      if (byteCount < 0) throw new WavError("The RF64 file does not say how long it is.");
      return { ...format, dataOffset: body, frameCount: Math.floor(byteCount / format.bytesPerFrame) };
    }
    if (id === "fmt " && size >= 16 && body + Math.min(size, 26) <= view.byteLength) {
      format = readFormat(view, body, size);
    }
    if (id === "ds64" && size >= 24 && body + 16 <= view.byteLength) {
      longDataSize = Number(view.getBigUint64(body + 8, true));
    }
    at = body + size + (size % 2);
  }
  throw new WavError("The header of the WAV file is longer than expected.");
}

/**
 * @param {DataView} view
 * @param {number} at
 * @param {number} size
 */
function readFormat(view, at, size) {
  let code = view.getUint16(at, true);
  if (code === EXTENSIBLE && size >= 26) code = view.getUint16(at + 24, true);
  const channelCount = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  if (code !== FLOAT || bits !== 32) throw new WavError("The samples are not 32-bit floats.");
  if (channelCount < 1 || channelCount > 64 || sampleRate < 8000 || sampleRate > 192000) {
    throw new WavError(`${channelCount} channels at ${sampleRate} Hz cannot be played.`);
  }
  return { channelCount, sampleRate, bytesPerFrame: 4 * channelCount };
}

/**
 * Left and right of interleaved frames; of one channel both, of more than two the first two.
 * @param {Uint8Array} bytes
 * @param {number} channelCount
 * @param {[Float32Array, Float32Array]} target silent behind the frames that there are
 */
export function deinterleave(bytes, channelCount, [left, right]) {
  const samples = new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
  const frameCount = Math.min(left.length, Math.floor(samples.length / channelCount));
  const second = channelCount > 1 ? 1 : 0;
  for (let frame = 0, at = 0; frame < frameCount; frame++, at += channelCount) {
    left[frame] = samples[at];
    right[frame] = samples[at + second];
  }
  left.fill(0, frameCount);
  right.fill(0, frameCount);
}

/**
 * A stereo file.
 * @param {Float32Array} left
 * @param {Float32Array} right
 * @param {number} sampleRate
 */
export function encode(left, right, sampleRate) {
  const headerSize = 58;
  const dataSize = 8 * left.length;
  const buffer = new ArrayBuffer(headerSize + dataSize);
  const view = new DataView(buffer);
  const text = (/** @type {number} */ at, /** @type {string} */ word) => {
    for (let i = 0; i < word.length; i++) view.setUint8(at + i, word.charCodeAt(i));
  };
  text(0, "RIFF");
  view.setUint32(4, headerSize - 8 + dataSize, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 18, true);
  view.setUint16(20, FLOAT, true);
  view.setUint16(22, 2, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 8 * sampleRate, true);
  view.setUint16(32, 8, true);
  view.setUint16(34, 32, true);
  text(38, "fact");
  view.setUint32(42, 4, true);
  view.setUint32(46, left.length, true);
  text(50, "data");
  view.setUint32(54, dataSize, true);
  for (let frame = 0, at = headerSize; frame < left.length; frame++, at += 8) {
    view.setFloat32(at, left[frame], true);
    view.setFloat32(at + 4, right[frame], true);
  }
  return buffer;
}
