// SPDX-License-Identifier: MIT
// What JavaScript calls. One module with MixCore, so it is compiled together with its sources.

nonisolated(unsafe) private var engine: MixEngine?
nonisolated(unsafe) private var meter: LoudnessMeter?
nonisolated(unsafe) private var message: [UInt8] = []

private func fail(_ text: String) -> Int32 {
  message = Array(text.utf8)
  return -Int32(message.count)
}

private func text(_ pointer: UnsafePointer<UInt8>, _ count: UInt32) -> [UInt8] {
  Array(UnsafeBufferPointer(start: pointer, count: Int(count)))
}

/// Memory for JavaScript to write to.
@_expose(wasm, "allocate")
func allocate(_ count: UInt32) -> UnsafeMutablePointer<UInt8> {
  .allocate(capacity: max(1, Int(count)))
}

/// Gives memory back.
@_expose(wasm, "deallocate")
func deallocate(_ pointer: UnsafeMutablePointer<UInt8>) { pointer.deallocate() }

/// Where the text of the last failure, or of the last `plan_text`, is.
@_expose(wasm, "message")
func messagePointer() -> UnsafePointer<UInt8>? {
  // The array is not touched before the next call.
  message.withUnsafeBufferPointer { $0.baseAddress }
}

/// Makes an engine for a plan in JSON: the number of tracks, or minus the length of a message.
@_expose(wasm, "engine_open")
func engineOpen(
  _ plan: UnsafePointer<UInt8>, _ count: UInt32, _ sampleRate: Double, _ maximumFrameCount: UInt32
) -> Int32 {
  let parsed: MixPlan
  do throws(MixPlanError) {
    parsed = try MixPlan(utf8: text(plan, count))
  } catch { return fail(error.description) }
  do throws(MixEngine.Failure) {
    engine = try MixEngine(
      plan: parsed, sampleRate: sampleRate, maximumFrameCount: Int(maximumFrameCount))
  } catch { return fail(error.description) }
  meter = LoudnessMeter(sampleRate: sampleRate)
  return Int32(parsed.tracks.count)
}

/// Changes the plan between blocks: 0, or minus the length of a message.
@_expose(wasm, "engine_update")
func engineUpdate(_ plan: UnsafePointer<UInt8>, _ count: UInt32) -> Int32 {
  guard let engine else { return fail("no engine is open") }
  let parsed: MixPlan
  do throws(MixPlanError) {
    parsed = try MixPlan(utf8: text(plan, count))
  } catch { return fail(error.description) }
  do throws(MixEngine.Failure) { try engine.update(parsed) } catch {
    return fail(error.description)
  }
  return 0
}

/// Reads a plan and writes it again; the length of the text at `message`, or minus that of a failure.
@_expose(wasm, "plan_text")
func planText(_ plan: UnsafePointer<UInt8>, _ count: UInt32) -> Int32 {
  do throws(MixPlanError) {
    message = Array(try MixPlan(utf8: text(plan, count)).text.utf8)
    return Int32(message.count)
  } catch { return fail(error.description) }
}

/// Forgets what the engine has heard.
@_expose(wasm, "engine_reset")
func engineReset() {
  engine?.reset()
  meter?.reset()
}

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

/// Processes a block.
@_expose(wasm, "engine_process")
func engineProcess(_ frameCount: UInt32) {
  guard let engine else { return }
  engine.process(frameCount: Int(frameCount))
  meter?.process(engine.master.slice(from: 0, count: Int(frameCount)))
}

/// The integrated loudness of the master since the last reset, in LUFS.
@_expose(wasm, "engine_loudness")
func engineLoudness() -> Double { meter?.integratedLUFS ?? -.infinity }
