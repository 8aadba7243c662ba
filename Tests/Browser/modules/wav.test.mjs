// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";
import { WavError, deinterleave, encode, parseHeader } from "../../../Browser/Page/Resources/audio/wav.js";

/** A header out of chunks: [id, size as written, body bytes]. */
function header(kind, ...chunks) {
  const parts = [...Buffer.from(kind), 0xff, 0xff, 0xff, 0xff, ...Buffer.from("WAVE")];
  for (const [id, size, body] of chunks) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(size);
    parts.push(...Buffer.from(id), ...length, ...body);
  }
  return new Uint8Array(parts).buffer;
}

function format({ code = 3, channels = 2, rate = 44100, bits = 32, size = 16 } = {}) {
  const body = Buffer.alloc(size);
  body.writeUInt16LE(code, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt16LE(bits, 14);
  if (size >= 26) body.writeUInt16LE(3, 24);
  return ["fmt ", size, body];
}

test("a file reads back as it was written", () => {
  const left = Float32Array.of(0.5, -1, 0.25);
  const right = Float32Array.of(0, 1, -0.125);
  const file = encode(left, right, 48000);
  const layout = parseHeader(file);
  assert.deepEqual(layout, { sampleRate: 48000, channelCount: 2, frameCount: 3, bytesPerFrame: 8, dataOffset: 58 });
  const read = [new Float32Array(3), new Float32Array(3)];
  deinterleave(new Uint8Array(file.slice(layout.dataOffset)), 2, read);
  assert.deepEqual(read, [left, right]);
});

test("chunks before the samples are skipped, with the byte that fills odd ones", () => {
  const layout = parseHeader(header("RIFF", ["LIST", 3, [1, 2, 3, 0]], format(), ["data", 80, []]));
  assert.equal(layout.frameCount, 10);
  assert.equal(layout.dataOffset, 12 + 12 + 24 + 8);
});

test("a long file says its length in ds64", () => {
  const sizes = Buffer.alloc(28);
  sizes.writeBigUInt64LE(8n * 2n ** 32n, 8);
  const layout = parseHeader(header("RF64", ["ds64", 28, sizes], format(), ["data", 0xffffffff, []]));
  assert.equal(layout.frameCount, 2 ** 32);
});

test("the extensible format names its samples further behind", () => {
  assert.equal(parseHeader(header("RIFF", format({ code: 0xfffe, size: 40 }), ["data", 8, []])).channelCount, 2);
});

test("what cannot be played is refused in words", () => {
  for (const bytes of [
    new ArrayBuffer(0), header("RIFX"), header("RIFF", format({ code: 1, bits: 16 }), ["data", 8, []]),
    header("RIFF", ["data", 8, []]), header("RIFF", format({ rate: 1 }), ["data", 8, []]),
    header("RIFF", format({ channels: 0 }), ["data", 8, []]), header("RIFF", format()),
    header("RF64", format(), ["data", 0xffffffff, []]), header("RIFF", ["fmt ", 16, [3]]),
  ]) assert.throws(() => parseHeader(bytes), WavError);
});

test("one channel is heard on both sides, and what was in the arrays before is not", () => {
  const read = [new Float32Array(3).fill(9), new Float32Array(3).fill(9)];
  deinterleave(new Uint8Array(Float32Array.of(1, 2).buffer), 1, read);
  assert.deepEqual([...read[0], ...read[1]], [1, 2, 0, 1, 2, 0]);
});
