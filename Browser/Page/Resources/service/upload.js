// SPDX-License-Identifier: MIT
// @ts-check
// Uploads with progress, which fetch does not have.

import { ServiceError, problem } from "./api.js";

/** @typedef {import("./api.js").Job} Job */
/** @typedef {import("./api.js").Service} Service */

/**
 * Sends a song to be taken apart.
 * @param {Service} service
 * @param {File} file
 * @param {{model?: string}} settings
 * @param {(fraction: number) => void} onProgress
 * @param {AbortSignal} signal
 */
export function uploadSong(service, file, settings, onProgress, signal) {
  const query = new URLSearchParams({ name: file.name });
  if (settings.model) query.set("model", settings.model);
  return send(service, `/v1/separations?${query}`, file, "application/octet-stream", onProgress, signal);
}

/**
 * Sends a take and its backing.
 * @param {Service} service
 * @param {{vocal: File, backing: File}} files
 * @param {Record<string, string>} fields
 * @param {(fraction: number) => void} onProgress
 * @param {AbortSignal} signal
 */
export function uploadTake(service, files, fields, onProgress, signal) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("vocal", files.vocal);
  form.append("backing", files.backing);
  return send(service, "/v1/takes", form, null, onProgress, signal);
}

/**
 * @param {Service} service
 * @param {string} path
 * @param {XMLHttpRequestBodyInit} body
 * @param {string | null} type
 * @param {(fraction: number) => void} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<Job>}
 */
function send(service, path, body, type, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    for (const [name, value] of Object.entries(service.headers)) request.setRequestHeader(name, value);
    if (type) request.setRequestHeader("Content-Type", type);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status < 200 || request.status > 299) {
        reject(problem(request.status, request.responseText, request.getResponseHeader("Retry-After")));
        return;
      }
      try {
        resolve(JSON.parse(request.responseText));
      } catch {
        reject(new ServiceError("The server's answer was not understood.", request.status));
      }
    };
    request.onerror = () => reject(new ServiceError("The server does not answer.", 0));
    request.onabort = () => reject(new DOMException("Cancelled.", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    if (signal.aborted) return reject(new DOMException("Cancelled.", "AbortError"));
    request.send(body);
  });
}
