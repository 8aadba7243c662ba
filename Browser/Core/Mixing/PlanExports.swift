// SPDX-License-Identifier: MIT
// What the page shows of a plan, computed by the code that sounds.

/// (points): the last curve; it stays where it is until the next one.
nonisolated(unsafe) private var curve = Storage<Float>(count: 1, repeating: 0)

/// Reads a plan and writes it again; the length of the text at `message`, or minus that of a failure.
@_expose(wasm, "plan_text")
func planText(_ plan: UnsafePointer<UInt8>, _ count: UInt32) -> Int32 {
  do throws(MixPlanError) {
    return answer(try MixPlan(utf8: bytes(plan, count)).text)
  } catch { return fail(error.description) }
}

/// The response of all filters of a track in dB.
///
/// At `pointCount` frequencies from 20 Hz to 20 kHz in even steps of pitch; nil where the plan is none.
/// Track -1 is the master.
@_expose(wasm, "equalizer_curve")
func equalizerCurve(
  _ plan: UnsafePointer<UInt8>, _ count: UInt32, _ track: Int32, _ sampleRate: Double,
  _ pointCount: UInt32
) -> UnsafeMutablePointer<Float>? {
  guard let plan = read(plan, count), pointCount > 1 else { return nil }
  var sections: [BiquadCoefficients] = []
  if track < 0 {
    sections = plan.master.equalizer.map { $0.coefficients(sampleRate: sampleRate) }
  } else {
    guard Int(track) < plan.tracks.count else { return nil }
    let track = plan.tracks[Int(track)]
    sections += track.highPass?.highPassSections(sampleRate: sampleRate) ?? []
    sections += track.lowPass?.lowPassSections(sampleRate: sampleRate) ?? []
    sections += track.equalizer.map { $0.coefficients(sampleRate: sampleRate) }
  }
  curve = Storage(count: Int(pointCount), repeating: 0)
  for point in 0..<Int(pointCount) {
    let octaves = Double(point) / Double(pointCount - 1) * 9.965784284662087  // log2(1000)
    let frequency = min(20 * Elementary.exp(octaves * 0.6931471805599453), 0.499 * sampleRate)
    var decibels = 0.0
    for section in sections {
      decibels += Decibels.level(
        amplitude: max(section.magnitude(frequency: frequency, sampleRate: sampleRate), 1e-6))
    }
    curve[point] = Float(decibels)
  }
  return curve.pointer
}

/// The level behind the compressor of a track, in dB.
///
/// For `pointCount` levels from -80 to 0 dBFS; nil where the plan is none or the track has no compressor.
/// Track -1 is the master.
@_expose(wasm, "compressor_curve")
func compressorCurve(
  _ plan: UnsafePointer<UInt8>, _ count: UInt32, _ track: Int32, _ pointCount: UInt32
) -> UnsafeMutablePointer<Float>? {
  guard let plan = read(plan, count), pointCount > 1, Int(track) < plan.tracks.count,
    let compressor = track < 0 ? plan.master.compressor : plan.tracks[Int(track)].compressor
  else { return nil }
  let computer = GainComputer(
    thresholdDB: compressor.thresholdDB, ratio: compressor.ratio, kneeDB: compressor.kneeDB)
  let wet = compressor.mix * Decibels.amplitude(compressor.makeupDB)
  curve = Storage(count: Int(pointCount), repeating: 0)
  for point in 0..<Int(pointCount) {
    let level = -80 + 80 * Double(point) / Double(pointCount - 1)
    let compressed = wet * Decibels.amplitude(-Double(computer.reduction(Float(level))))
    let gain = 1 - compressor.mix + compressed
    curve[point] = Float(level + Decibels.level(amplitude: max(gain, 1e-6)))
  }
  return curve.pointer
}

private func read(_ plan: UnsafePointer<UInt8>, _ count: UInt32) -> MixPlan? {
  do throws(MixPlanError) { return try MixPlan(utf8: bytes(plan, count)) } catch { return nil }
}
