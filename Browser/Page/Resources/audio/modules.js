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
  const isUnpacked = typeof DecompressionStream === "undefined";
  const url = new URL(`../${name}.wasm${isUnpacked ? "" : ".gz"}`, import.meta.url);
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`${name}.wasm could not be loaded.`);
  if (isUnpacked) return WebAssembly.compile(await response.arrayBuffer());
  const body = response.body.pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compile(await new Response(body).arrayBuffer());
}
