// SPDX-License-Identifier: MIT
// @ts-check
// The keyboard of the mixer.

/** @typedef {import("../state/session.js").Session} Session */

/** What the keys do, for the help. */
export const keyHelp = [
  ["Space", "play or pause"],
  ["\u2190 \u2192", "back or forward by 5 seconds, with Shift by 1"],
  ["Home, End", "to the start, to the end"],
  ["\u2191 \u2193", "the selected stem louder or softer by 0.5 dB, with Shift 0.1"],
  ["1 to 4", "select a stem"],
  ["M, S", "mute, solo the selected stem"],
  ["A", "compare with the original"],
  ["L", "loop: on what is seen, or off"],
  ["+ \u2212", "zoom in or out"],
  ["Ctrl Z, Ctrl Y", "undo, redo"],
  ["?", "this help"],
];

const typing = "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const moving = "input[type=range], [role=slider], [role=tab], .node";
const pressable = "button, a[href], summary, input[type=checkbox], input[type=radio], [role=tab]";

/**
 * @param {object} actions
 * @param {() => Session | null} actions.session
 * @param {() => void} actions.help
 * @param {(factor: number) => void} actions.zoom
 * @param {() => void} actions.toggleLoop
 */
export function listenToKeys({ session: current, help, zoom, toggleLoop }) {
  // What a pointer has pressed last, until the focus moves on.
  /** @type {Element | null} */
  let clicked = null;
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.detail > 0) clicked = target.closest(pressable);
  });
  document.addEventListener("focusin", (event) => { if (event.target !== clicked) clicked = null; });
  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || target.closest("dialog") || target.matches(typing)) return;
    if (event.key === "?") return void help();
    const session = current();
    if (!session || event.altKey) return;
    const action = actionOf(event, session, target, target === clicked, { zoom, toggleLoop });
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/**
 * @param {KeyboardEvent} event
 * @param {Session} session
 * @param {Element} target
 * @param {boolean} wasClicked
 * @param {{zoom: (factor: number) => void, toggleLoop: () => void}} view
 * @returns {(() => void) | null}
 */
function actionOf(event, session, target, wasClicked, { zoom, toggleLoop }) {
  const { key, shiftKey } = event;
  const { player } = session;
  if (event.ctrlKey || event.metaKey) {
    if (key.toLowerCase() === "z") return () => (shiftKey ? session.redo() : session.undo());
    return key.toLowerCase() === "y" ? () => session.redo() : null;
  }
  // A button that the keyboard has reached is pressed by Space; one that was merely clicked is not.
  const isPressable = target.matches(pressable) && target.matches(":focus-visible") && !wasClicked;
  if (key === " ") return isPressable ? null : () => (player.isPlaying ? player.pause() : player.play());
  if (target.matches(moving) && /^(Arrow|Home|End|Page)/.test(key)) return null;
  const seek = (/** @type {number} */ seconds) => () => player.seek(player.now + seconds * player.sampleRate);
  const toggle = (/** @type {"mute" | "solo"} */ name) => () => {
    const track = session.plan.tracks[session.selection];
    if (track) session.set(["tracks", session.selection, name], !track[name]);
  };
  const fade = (/** @type {number} */ change) => () => {
    const path = session.selection < 0 ? ["master", "gain"] : ["tracks", session.selection, "gain"];
    const now = session.selection < 0 ? session.plan.master.gain : session.plan.tracks[session.selection].gain;
    session.set(path, Math.round(10 * Math.min(12, Math.max(-60, (now ?? 0) + change))) / 10);
  };
  if (/^[1-9]$/.test(key) && Number(key) <= session.names.length) return () => session.select(Number(key) - 1);
  /** @type {Record<string, () => void>} */
  const actions = {
    ArrowLeft: seek(shiftKey ? -1 : -5), ArrowRight: seek(shiftKey ? 1 : 5),
    ArrowUp: fade(shiftKey ? 0.1 : 0.5), ArrowDown: fade(shiftKey ? -0.1 : -0.5),
    Home: () => player.seek(0), End: () => player.seek(player.frameCount),
    m: toggle("mute"), s: toggle("solo"),
    a: () => session.listenToOriginal(!session.isOriginal),
    l: toggleLoop, "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
  };
  return actions[key.length === 1 ? key.toLowerCase() : key] ?? null;
}
