// SPDX-License-Identifier: MIT
// @ts-check
// Whether a plan is one, as the code that sounds reads it.

import { Core } from "./core.js";
import { wasmModule } from "./modules.js";

/**
 * What is wrong with a plan, in words; null where nothing is.
 * @param {any} plan
 * @param {WebAssembly.Module} [module]
 * @returns {Promise<string | null>}
 */
export async function planTrouble(plan, module) {
  const core = new Core(await WebAssembly.instantiate(module ?? await wasmModule("mixcore"), {}));
  const text = new TextEncoder().encode(JSON.stringify(plan));
  const length = core.withBytes([text], (pointer, count) => core.exports.plan_text(pointer, count));
  return length < 0 ? new TextDecoder().decode(core.message(-length)) : null;
}
