// SPDX-License-Identifier: MIT
// Renders stems with the WebAssembly build: node compare.mjs MODULE PLAN STEMS OUTPUT RATE FRAMES
// STEMS is raw float32, (tracks, 2, frames); OUTPUT becomes the raw master, (2, frames), and its loudness as
// one float64 behind it. Prints the plan as the module writes it.
import { readFileSync, writeFileSync } from "node:fs";

const [modulePath, planPath, stemsPath, outputPath, rate, frames] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(modulePath), {});
const wasm = instance.exports;

const message = (length) =>
  new TextDecoder().decode(new Uint8Array(wasm.memory.buffer, wasm.message(), length));

const withText = (text, body) => {
  const bytes = new TextEncoder().encode(text);
  const pointer = wasm.allocate(bytes.length);
  new Uint8Array(wasm.memory.buffer, pointer, bytes.length).set(bytes);
  const result = body(pointer, bytes.length);
  wasm.deallocate(pointer);
  return result;
};

const plan = readFileSync(planPath, "utf8");
const block = 256;
const count = Number(frames);
const tracks = withText(plan, (p, n) => wasm.engine_open(p, n, Number(rate), block, 0));
if (tracks < 0) throw new Error(message(-tracks));

const refused = withText('{"version": 1, "tracks": [{"name": "a", "pan": 2}]}', (p, n) =>
  wasm.engine_update(p, n));
if (message(-refused) !== "tracks[0].pan: 2 is above 1") throw new Error(message(-refused));

const file = readFileSync(stemsPath);
const stems = new Float32Array(file.buffer, file.byteOffset, file.length / 4);
const output = new Float32Array(2 * count);
for (let start = 0; start < count; start += block) {
  const length = Math.min(block, count - start);
  for (let track = 0; track < tracks; track++)
    for (let channel = 0; channel < 2; channel++) {
      const from = (2 * track + channel) * count + start;
      new Float32Array(wasm.memory.buffer, wasm.engine_input(track, channel), length)
        .set(stems.subarray(from, from + length));
    }
  wasm.engine_process(length);
  for (let channel = 0; channel < 2; channel++)
    output.set(
      new Float32Array(wasm.memory.buffer, wasm.engine_master(channel), length),
      channel * count + start);
}
const loudness = new Float64Array([wasm.engine_loudness()]);
writeFileSync(outputPath, Buffer.concat([Buffer.from(output.buffer), Buffer.from(loudness.buffer)]));
process.stdout.write(withText(plan, (p, n) => message(wasm.plan_text(p, n))));
