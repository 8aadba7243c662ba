// SPDX-License-Identifier: MIT
// @ts-check
// Which pieces of a song have to be at hand. A song is cut into windows of equal length; only those around
// what is heard are in memory, however long the song.

/** Frames of a window: 0.7 s at 44.1 kHz, a quarter of a megabyte of a stereo stem. */
export const WINDOW_FRAMES = 32768;

/** Windows that are at hand ahead of what is heard. */
export const WINDOWS_AHEAD = 6;

/**
 * @typedef {{start: number, end: number}} Loop frames from start up to, but without, end
 */

/**
 * Frame range of a window.
 * @param {number} index
 * @param {number} frameCount frames of the song
 */
export function windowRange(index, frameCount) {
  const start = index * WINDOW_FRAMES;
  return { start, count: Math.max(0, Math.min(WINDOW_FRAMES, frameCount - start)) };
}

/**
 * The windows that will be needed, the most urgent first: along the way that playing takes, a loop included.
 * @param {number} position the next frame
 * @param {number} frameCount
 * @param {Loop | null} loop
 * @param {number} [ahead]
 * @returns {number[]}
 */
export function wantedWindows(position, frameCount, loop, ahead = WINDOWS_AHEAD) {
  const last = Math.ceil(frameCount / WINDOW_FRAMES) - 1;
  /** @type {number[]} */
  const wanted = [];
  const add = (/** @type {number} */ index) => {
    if (index >= 0 && index <= last && !wanted.includes(index)) wanted.push(index);
  };
  let at = Math.max(0, position);
  for (let step = 0; step <= ahead && at < frameCount; step++) {
    const index = Math.floor(at / WINDOW_FRAMES);
    add(index);
    const next = (index + 1) * WINDOW_FRAMES;
    const jumps = loop !== null && at < loop.end && next >= loop.end;
    at = jumps && loop ? loop.start : next;
  }
  return wanted;
}

/**
 * The windows in memory that may go: all but those wanted and the one before, for a step back.
 * @param {Iterable<number>} present
 * @param {number[]} wanted
 * @returns {number[]}
 */
export function superfluousWindows(present, wanted) {
  const before = wanted.length > 0 ? wanted[0] - 1 : -1;
  return [...present].filter((index) => index !== before && !wanted.includes(index));
}
