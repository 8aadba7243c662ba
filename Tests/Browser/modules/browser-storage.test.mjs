// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";

Object.defineProperty(globalThis, "localStorage", { get() { throw new DOMException("Denied.", "SecurityError"); } });
Object.defineProperty(globalThis, "sessionStorage", { value: { getItem: () => null, setItem() { throw new Error("Full."); } } });
const { keep, sharedStorage, tabStorage } = await import("../../../Browser/Page/Resources/state/browser-storage.js");
const { Memory } = await import("../../../Browser/Page/Resources/state/memory.js");
const { TasteStorage } = await import("../../../Browser/Page/Resources/taste/storage.js");

test("where the browser keeps nothing, the page remembers until it is closed", () => {
  new Memory().remember({ id: "a", name: "song" });
  assert.deepEqual(new Memory().jobs.map((entry) => entry.id), ["a"]);
  new TasteStorage().theme = "dark";
  assert.equal(new TasteStorage().theme, "dark");
  assert.equal(sharedStorage.length, 2);
});

test("a storage that is full is no trouble", () => {
  keep(tabStorage, "key", "text");
  new Memory().open = "a";
});
