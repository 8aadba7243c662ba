// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

/// A processor without the newer instructions gives the same stems.
@Suite struct InstructionSetTests {
  private func stems(
    _ place: Workplace, _ model: [String], folder: String, environment: [String]
  ) throws -> [String: [Float]] {
    let arguments =
      environment + [Tool.executable.path, "separate"] + model
      + ["song.wav", "--float32", "--clip-mode", "none", "--verbose", "-o", folder]
    let result = try place.tool.run(executable: URL(filePath: "/usr/bin/env"), arguments)
    #expect(result.status == 0, "\(result.errors)")
    let isCapped = environment.contains { $0.hasPrefix("TONMEISTER_KERNELS") }
    #expect(result.errors.contains(", baseline\n") == isCapped)
    var stems: [String: [Float]] = [:]
    for file in place.files(below: folder) where file.hasSuffix(".wav") {
      stems[file] = try place.read(folder + "/" + file).buffer.samples
    }
    return stems
  }

  /// oneDNN, which `lite` uses for its convolutions, has a cap of its own.
  @Test(arguments: [Workplace.demucs, ["-n", "lite"]])
  func theStemsAreTheSame(model: [String]) throws {
    let place = try Workplace()
    try place.song("song.wav", frameCount: 60_000)
    let best = try stems(place, model, folder: "best", environment: [])
    let capped = try stems(
      place, model, folder: "capped",
      environment: [
        "TONMEISTER_KERNELS=baseline", "DNNL_MAX_CPU_ISA=SSE41", "ONEDNN_MAX_CPU_ISA=SSE41",
      ])
    #expect(best.count == 4)
    #expect(best.keys == capped.keys)
    for (name, samples) in best {
      let other = try #require(capped[name])
      let error = zip(samples, other).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
      let power = samples.reduce(0.0) { $0 + pow(Double($1), 2) }
      #expect(samples.count == other.count)
      #expect(power > 0)
      #expect((error / power).squareRoot() < 1e-4, "\(name)")
    }
  }
}
