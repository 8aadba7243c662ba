// SPDX-License-Identifier: MIT
// @ts-check
// What the audio thread tells: the table of Browser/Core/Mixing/EngineMeters.swift.

/**
 * @typedef {{peakDB: number, rmsDB: number, reductionDB: number}} TrackLevels
 * @typedef {object} Levels
 * @property {number} momentaryLUFS
 * @property {number} shortTermLUFS
 * @property {number} integratedLUFS
 * @property {number} truePeakDB
 * @property {number} limiterDB
 * @property {number} peakDB
 * @property {number} rmsDB
 * @property {TrackLevels[]} tracks
 */

const MASTER_COUNT = 7;
const TRACK_COUNT = 3;

const decibels = (/** @type {number} */ amplitude) => 20 * Math.log10(amplitude);
const powerDecibels = (/** @type {number} */ power) => 10 * Math.log10(power);

/**
 * @param {Float32Array} table
 * @returns {Levels}
 */
export function readLevels(table) {
  const tracks = [];
  for (let at = MASTER_COUNT; at + TRACK_COUNT <= table.length; at += TRACK_COUNT) {
    tracks.push({
      peakDB: decibels(table[at]), rmsDB: powerDecibels(table[at + 1]), reductionDB: table[at + 2],
    });
  }
  return {
    momentaryLUFS: table[0], shortTermLUFS: table[1], integratedLUFS: table[2],
    truePeakDB: table[3], limiterDB: table[4],
    peakDB: decibels(table[5]), rmsDB: powerDecibels(table[6]), tracks,
  };
}
