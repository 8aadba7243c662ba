// SPDX-License-Identifier: MIT
// The mixing desk, as JavaScript calls it: one engine for each instance of the module.

nonisolated(unsafe) private var engine: MixEngine?
nonisolated(unsafe) private var meters: EngineMeters?

/// Makes an engine for a plan in JSON: the number of tracks, or minus the length of a message.
///
/// - Parameter endsBeforeLoudness: Other than 0 for the mix before its loudness gain and limiter.
@_expose(wasm, "engine_open")
func engineOpen(
  _ plan: UnsafePointer<UInt8>, _ count: UInt32, _ sampleRate: Double, _ maximumFrameCount: UInt32,
  _ endsBeforeLoudness: UInt32
) -> Int32 {
  let parsed: MixPlan
  do throws(MixPlanError) {
    parsed = try MixPlan(utf8: bytes(plan, count))
  } catch { return fail(error.description) }
  do throws(MixEngine.Failure) {
    engine = try MixEngine(
      plan: parsed, sampleRate: sampleRate, maximumFrameCount: Int(maximumFrameCount),
      endsBeforeLoudness: endsBeforeLoudness != 0)
  } catch { return fail(error.description) }
  meters = EngineMeters(
    trackCount: parsed.tracks.count, sampleRate: sampleRate,
    maximumFrameCount: Int(maximumFrameCount))
  return Int32(parsed.tracks.count)
}

/// Changes the plan between blocks: 0, or minus the length of a message.
@_expose(wasm, "engine_update")
func engineUpdate(_ plan: UnsafePointer<UInt8>, _ count: UInt32) -> Int32 {
  guard let engine else { return fail("no engine is open") }
  let parsed: MixPlan
  do throws(MixPlanError) {
    parsed = try MixPlan(utf8: bytes(plan, count))
  } catch { return fail(error.description) }
  do throws(MixEngine.Failure) { try engine.update(parsed) } catch {
    return fail(error.description)
  }
  return 0
}

/// Sets the gain before the limiter that brings the mix to its loudness, in dB.
@_expose(wasm, "engine_loudness_gain")
func engineLoudnessGain(_ decibels: Double) { engine?.setLoudnessGain(decibels) }

/// Forgets what the engine has heard; the meters go on.
@_expose(wasm, "engine_reset")
func engineReset() { engine?.reset() }

/// Begins all meters anew.
@_expose(wasm, "meters_reset")
func metersReset() { meters?.reset() }

/// Where the samples of a track go in; channel 0 is left, 1 right.
@_expose(wasm, "engine_input")
func engineInput(_ track: UInt32, _ channel: UInt32) -> UnsafeMutablePointer<Float>? {
  guard let block = engine?.input(Int(track)) else { return nil }
  return channel == 0 ? block.left : block.right
}

/// Where the samples of the master come out; channel 0 is left, 1 right.
@_expose(wasm, "engine_master")
func engineMaster(_ channel: UInt32) -> UnsafeMutablePointer<Float>? {
  guard let block = engine?.master else { return nil }
  return channel == 0 ? block.left : block.right
}

/// How many frames the master comes late.
@_expose(wasm, "engine_latency")
func engineLatency() -> UInt32 { UInt32(engine?.latencyFrames ?? 0) }

/// How many seconds before a place have to be heard so that what follows is as in the whole song.
@_expose(wasm, "engine_pre_roll")
func enginePreRoll() -> Double { engine?.preRollSeconds ?? 0 }

/// Processes a block.
@_expose(wasm, "engine_process")
func engineProcess(_ frameCount: UInt32) {
  guard let engine else { return }
  engine.process(frameCount: Int(frameCount))
  meters?.listen(to: engine, frameCount: Int(frameCount))
}

/// The integrated loudness of the master since its meters were reset, in LUFS.
@_expose(wasm, "engine_loudness")
func engineLoudness() -> Double { meters?.integratedLUFS ?? -.infinity }

/// Where the values of the meters are, in the layout of `EngineMeters`; peaks begin anew.
@_expose(wasm, "meters_read")
func metersRead() -> UnsafeMutablePointer<Float>? {
  guard let engine else { return nil }
  return meters?.read(engine)
}
