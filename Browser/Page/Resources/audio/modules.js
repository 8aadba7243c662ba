// SPDX-License-Identifier: MIT
// @ts-check
// Fetches and compiles our WebAssembly modules, each once.

/** @type {Map<string, Promise<WebAssembly.Module>>} */
const modules = new Map();

/**
 * A module of the page: `mixcore` or `taste`.
 * @param {string} name
 * @returns {Promise<WebAssembly.Module>}
 */
export function wasmModule(name) {
  const known = modules.get(name);
  if (known) return known;
  const compiled = compile(name);
  modules.set(name, compiled);
  // A failed fetch is no reason to fail for ever.
  compiled.catch(() => modules.delete(name));
  return compiled;
}

/** @param {string} name */
async function compile(name) {
  const response = await fetch(new URL(`../${name}.wasm`, import.meta.url));
  if (!response.ok) throw new Error(`${name}.wasm could not be loaded.`);
  return WebAssembly.compileStreaming(response);
}
