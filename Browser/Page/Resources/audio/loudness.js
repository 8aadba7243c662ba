// SPDX-License-Identifier: MIT
// @ts-check
// How loud a mix will be, before anybody has heard all of it; and how to compare at equal loudness.

/** @typedef {import("../state/plan.js").MixPlan} MixPlan */
/** @typedef {{integratedLUFS: number | null, truePeakDBTP?: number | null}} Meter */

/**
 * The loudness of a mix, as far as faders alone tell it: stems add up as powers.
 * @param {MixPlan} plan
 * @param {Record<string, Meter | undefined>} stems
 */
export function estimatedLUFS(plan, stems) {
  const hasSolo = plan.tracks.some((track) => track.solo);
  let power = 0;
  for (const track of plan.tracks) {
    const loudness = stems[track.name]?.integratedLUFS;
    const isAudible = !track.mute && (!hasSolo || track.solo);
    if (!isAudible || typeof loudness !== "number" || !isFinite(loudness)) continue;
    power += 10 ** ((loudness + (track.gain ?? 0) + (track.compressor?.makeup ?? 0)) / 10);
  }
  return 10 * Math.log10(power) + (plan.master.gain ?? 0);
}

/**
 * The gain before the limiter that brings a mix of that loudness to what its plan asks for.
 * @param {MixPlan} plan
 * @param {number} mixLUFS before that gain
 */
export function loudnessGainDB(plan, mixLUFS) {
  const target = plan.master.loudness;
  if (typeof target !== "number" || !isFinite(mixLUFS)) return 0;
  return Math.min(40, Math.max(-40, target - mixLUFS));
}

/**
 * Gains that make mix and original equally loud, without one of them leaving full scale: the original is
 * brought to the mix; where it has no room for that, the mix comes down to meet it.
 * @param {number} mixLUFS as it is heard
 * @param {Meter | undefined} original
 */
export function comparisonGains(mixLUFS, original) {
  const loudness = original?.integratedLUFS;
  if (typeof loudness !== "number" || !isFinite(loudness) || !isFinite(mixLUFS)) return { mix: 1, original: 1 };
  const wanted = mixLUFS - loudness;
  const room = Math.max(0, -(original?.truePeakDBTP ?? 0));
  const gain = Math.min(wanted, room);
  return { mix: 10 ** ((gain - wanted) / 20), original: 10 ** (gain / 20) };
}
