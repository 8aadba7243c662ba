// SPDX-License-Identifier: MIT
import Foundation
import Synchronization

@testable import Separation

/// A model made of a function from input to output, (2, frames) to (sources, 2, frames).
struct FunctionModel: SegmentModel {
  var sources: [String]
  var sampleRate = 8000
  var channelCount: Int { 2 }
  var segmentFrames: Int
  var normalizesTrack = false
  var function: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void

  func makeWorkspace(threadCount: Int) -> any SegmentWorkspace { Workspace(function: function) }

  private final class Workspace: SegmentWorkspace {
    let function: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
    init(function: @escaping @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void)
    { self.function = function }

    func process(
      input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, frameCount: Int
    ) {
      function(input, output)
    }
  }
}

extension FunctionModel {
  /// `Probe` of the fixtures' script: a gain that depends on the place, and a running mean.
  static func probe(segmentFrames: Int) -> FunctionModel {
    FunctionModel(sources: ["gain", "mean"], segmentFrames: segmentFrames) { input, output in
      for channel in 0..<2 {
        var sum = 0.0
        for frame in 0..<segmentFrames {
          let sample = input[channel * segmentFrames + frame]
          sum += Double(sample)
          output[channel * segmentFrames + frame] =
            sample * (1 + Float(frame) / Float(segmentFrames))
          output[(2 + channel) * segmentFrames + frame] = Float(sum / Double(1 + frame))
        }
      }
    }
  }

  /// Gives the mixture as the only stem, normalised or behind a gate where that is asked for.
  static func identity(
    segmentFrames: Int, sampleRate: Int = 8000, normalizesTrack: Bool = false,
    gate: Gate? = nil
  ) -> FunctionModel {
    FunctionModel(
      sources: ["mixture"], sampleRate: sampleRate, segmentFrames: segmentFrames,
      normalizesTrack: normalizesTrack
    ) { input, output in
      gate?.pass()
      output.update(from: input, count: 2 * segmentFrames)
    }
  }
}

/// Lets three segments through and holds the others until it is opened.
final class Gate: Sendable {
  private struct State {
    var passed = 0
    var isOpen = false
  }

  private let state = Mutex(State())

  func pass() {
    state.withLock { $0.passed += 1 }
    while state.withLock({ !$0.isOpen && $0.passed > 3 }) {
      Thread.sleep(forTimeInterval: 0.005)
    }
  }

  func open() { state.withLock { $0.isOpen = true } }
}

extension Separator {
  /// A separator around a model of a test.
  init(_ model: some SegmentModel, options: Options = Options()) throws {
    let description = ModelDescription(
      name: "test", stems: model.sources, sizeInBytes: 0, licence: "MIT", file: nil)
    try self.init(description: description, options: options) { _ in model }
  }
}
