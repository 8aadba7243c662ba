// SPDX-License-Identifier: MIT
// @ts-check

import { h } from "./dom.js";

/** Where songs are dropped or chosen; the whole window takes drops. */
export class DropZone extends HTMLElement {
  /** @type {(files: File[]) => void} */
  onFiles = () => {};
  #input = h("input", {
    type: "file", multiple: true, id: "songs", class: "visually-hidden",
    accept: "audio/*,video/*,.flac,.opus,.oga,.aiff,.wma,.m4a",
    onchange: () => {
      this.#take(this.#input.files);
      this.#input.value = "";
    },
  });

  connectedCallback() {
    this.replaceChildren(h("label", { htmlFor: "songs", class: "drop" },
      h("span", { class: "drop-title" }, "Drop a song here"),
      h("span", { class: "quiet" }, "or choose files: WAV, FLAC, MP3, M4A, Ogg, Opus \u2026")), this.#input);
    let depth = 0;
    const show = (/** @type {number} */ change) => {
      depth = Math.max(0, depth + change);
      document.body.classList.toggle("dropping", depth > 0);
    };
    const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
    addEventListener("dragenter", (event) => { if (hasFiles(event)) show(1); });
    addEventListener("dragleave", (event) => { if (hasFiles(event)) show(-1); });
    addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
    addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      show(-depth);
      this.#take(event.dataTransfer?.files ?? null);
    });
  }

  /** @param {FileList | null} files */
  #take(files) {
    const list = [...(files ?? [])];
    if (list.length > 0) this.onFiles(list);
  }
}

customElements.define("tm-drop", DropZone);
