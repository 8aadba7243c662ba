// SPDX-License-Identifier: MIT
// @ts-check

/** Frames that the closest look shows. */
const MINIMUM_SPAN = 2048;

/** What part of a song is seen: `start` and `span` in frames. */
export class View {
  /** @param {number} frameCount */
  constructor(frameCount) {
    this.frameCount = frameCount;
    this.start = 0;
    this.span = frameCount;
  }

  get end() { return this.start + this.span; }
  get isWhole() { return this.span >= this.frameCount; }

  /**
   * Shows `factor` times as much, with one frame staying where it is.
   * @param {number} factor
   * @param {number} anchor
   */
  zoom(factor, anchor) {
    const share = Math.min(1, Math.max(0, (anchor - this.start) / this.span));
    const span = Math.min(this.frameCount, Math.max(Math.min(MINIMUM_SPAN, this.frameCount), this.span * factor));
    this.span = span;
    this.scrollTo(anchor - share * span);
  }

  /** @param {number} start */
  scrollTo(start) { this.start = Math.min(Math.max(0, start), this.frameCount - this.span); }

  /**
   * Turns the page when a frame has left it; whether it did.
   * @param {number} frame
   */
  follow(frame) {
    if (this.isWhole || (frame >= this.start && frame < this.end)) return false;
    this.scrollTo(frame - 0.05 * this.span);
    return true;
  }

  /**
   * @param {number} x 0 to 1
   */
  frameAt(x) { return this.start + Math.min(1, Math.max(0, x)) * this.span; }

  /** @param {number} frame */
  shareOf(frame) { return (frame - this.start) / this.span; }
}
