// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { test } from "node:test";
import { comparisonGains, estimatedLUFS, loudnessGainDB } from "../../../Browser/Page/Resources/audio/loudness.js";
import { problem } from "../../../Browser/Page/Resources/service/api.js";
import { EventParser } from "../../../Browser/Page/Resources/service/events.js";
import { clock, decibels, hertz, pan, spokenTime } from "../../../Browser/Page/Resources/interface/format.js";
import { markStep } from "../../../Browser/Page/Resources/interface/ruler.js";
import { View } from "../../../Browser/Page/Resources/interface/view.js";

test("events come out whole, however the stream is cut", () => {
  const stream = ": hello\n\nevent: job\nid: 7\ndata: {\"a\":\ndata: 1}\n\nretry: 5\n\ndata: x\r\n\r\n";
  for (let size = 1; size <= stream.length; size++) {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < stream.length; at += size) events.push(...parser.push(stream.slice(at, at + size)));
    assert.deepEqual(events, [
      { event: "job", data: "{\"a\":\n1}", id: "7" }, { event: "message", data: "x", id: "7" },
    ], `in pieces of ${size}`);
  }
});

test("a refusal says what the server says, or at least its number", () => {
  assert.equal(problem(422, '{"title":"No","detail":"Too long."}', "7").message, "Too long.");
  assert.equal(problem(422, '{"title":"No","detail":"Too long."}', "7").retryAfterSeconds, 7);
  assert.equal(problem(502, "<html>", null).message, "The server answered 502.");
});

test("stems add up as powers, as far as they sound", () => {
  const plan = { version: 1, tracks: [{ name: "a" }, { name: "b", gain: 0 }, { name: "c", mute: true }], master: { loudness: -14 } };
  const meters = { a: { integratedLUFS: -20 }, b: { integratedLUFS: -20 }, c: { integratedLUFS: 0 } };
  assert.ok(Math.abs(estimatedLUFS(plan, meters) - -16.99) < 0.01);
  assert.ok(Math.abs(loudnessGainDB(plan, -16.99) - 2.99) < 0.01);
  assert.equal(loudnessGainDB({ ...plan, master: { loudness: null } }, -16.99), 0);
  assert.equal(loudnessGainDB(plan, -Infinity), 0);
});

test("the original is brought to the loudness of the mix, without leaving full scale", () => {
  const softer = comparisonGains(-14, { integratedLUFS: -10, truePeakDBTP: 0 });
  assert.ok(Math.abs(20 * Math.log10(softer.original) - -4) < 1e-9 && softer.mix === 1);
  const louder = comparisonGains(-10, { integratedLUFS: -14, truePeakDBTP: -1 });
  assert.ok(Math.abs(20 * Math.log10(louder.original) - 1) < 1e-9);
  assert.ok(Math.abs(20 * Math.log10(louder.mix) - -3) < 1e-9);
  assert.deepEqual(comparisonGains(-14, undefined), { mix: 1, original: 1 });
});

test("numbers read well", () => {
  assert.deepEqual([decibels(0), decibels(-1.54), decibels(2), decibels(-96)], ["0.0 dB", "\u22121.5 dB", "+2.0 dB", "\u2212\u221e dB"]);
  assert.deepEqual([pan(0), pan(-0.5), pan(1)], ["centre", "50 % left", "100 % right"]);
  assert.deepEqual([clock(65), clock(3725), clock(5.27, true)], ["1:05", "1:02:05", "0:05.2"]);
  assert.deepEqual([spokenTime(65), spokenTime(60), spokenTime(1)], ["1 minute 5 seconds", "1 minute", "1 second"]);
  assert.deepEqual([hertz(80), hertz(1200)], ["80 Hz", "1.20 kHz"]);
});

test("zooming keeps the place under the pointer, and stays within the song", () => {
  const view = new View(1_000_000);
  view.zoom(0.5, 250_000);
  assert.deepEqual([view.start, view.span], [125_000, 500_000]);
  view.zoom(0.5, 125_000);
  assert.equal(view.start, 125_000);
  view.zoom(100, 0);
  assert.deepEqual([view.start, view.span], [0, 1_000_000]);
  view.zoom(0.1, 0);
  assert.ok(view.follow(500_000) && view.start < 500_000 && view.end > 500_000);
  assert.ok(!view.follow(500_001));
  assert.equal(markStep(0.01, 70), 1);
});
