// SPDX-License-Identifier: MIT
import MixCore
import Foundation
internal import NeuralNetwork

extension Separator {
  /// How tracks are cut into segments and worked on.
  public struct Options: Sendable, Equatable {
    /// The part of a segment that overlaps the next one, 0 ≤ overlap < 1; Demucs' default.
    public var overlap = 0.25
    /// How many times the track is separated, each time moved by a random time of up to half a
    /// second; the results are averaged ("shift trick").
    ///
    /// Every shift costs the whole time again for about 0.1 dB. 0, the default, separates once
    /// and moves nothing; Demucs' own default is 1.
    ///
    /// All networks of a bag are moved by the same times, where Demucs draws anew for each. That is
    /// no difference for a stem that one network gives, as all of `htdemucs_ft`; a stem that is the
    /// mean of several averages over fewer times here.
    public var shifts = 0
    /// The seed of the random times; the same seed gives the same stems.
    public var seed: UInt64 = 0
    /// The seconds that one segment is for, at most the model's own, which is the default.
    ///
    /// Most models always see a whole segment: the rest is silence, as in Demucs.
    public var segmentSeconds: Double?
    /// How many threads work; 0 means one per core.
    ///
    /// They work on as many segments at once or, in larger networks, several on one. A track of one
    /// segment is worked on by all cores in any case.
    public var jobs = 0
    /// What the network multiplies in.
    public var precision = Precision.automatic
    /// The rate of the stems in hertz; by default that of the track.
    public var sampleRate: Int?

    /// The defaults.
    public init() {}
  }
}

extension Separator.Options {
  /// The number of threads that `jobs` means on this machine.
  var effectiveJobs: Int {
    jobs > 0 ? jobs : max(ProcessInfo.processInfo.activeProcessorCount, 1)
  }

  /// The workers for a track of `chunkCount` chunks, and the threads that each uses on a segment.
  ///
  /// A single chunk gets all cores.
  func workers(for model: any SegmentModel, chunkCount: Int?) -> (count: Int, threads: Int) {
    let most = max(chunkCount ?? .max, 1)
    guard model.isThreadable else { return (min(effectiveJobs, most), 1) }
    if most == 1 { return (1, ProcessInfo.processInfo.activeProcessorCount) }
    let count = min(max(1, effectiveJobs / Self.threadsPerWorker), most)
    return (count, max(1, effectiveJobs / count))
  }

  /// Threads that share a segment well where there are many.
  private static let threadsPerWorker = 4

  /// Throws where an option lies outside of its range.
  func validate(for model: any SegmentModel) throws(SeparationError) {
    func require(_ condition: Bool, _ message: String) throws(SeparationError) {
      if !condition { throw SeparationError(code: .invalidOption, message: message) }
    }
    try require(
      overlap >= 0 && overlap <= 0.99, "The overlap must be from 0 to 0.99, not \(overlap).")
    try require((0...100).contains(shifts), "The shifts must be from 0 to 100, not \(shifts).")
    try require((0...1024).contains(jobs), "The jobs must be from 0 to 1024, not \(jobs).")
    if let sampleRate {
      try require(
        (8_000...192_000).contains(sampleRate),
        "The sample rate must be from 8000 to 192000 Hz, not \(sampleRate).")
    }
    if let segmentSeconds {
      let longest = Double(model.segmentFrames) / Double(model.sampleRate)
      try require(
        segmentSeconds >= 0.1 && segmentSeconds <= longest + 1e-6,
        "The segment must be from 0.1 s to the \(shortSeconds(longest)) s that the model was "
          + "trained for, not \(shortSeconds(segmentSeconds)) s.")
    }
  }

  /// One grid for every pass over the track.
  func grids(for model: any SegmentModel) -> [SegmentGrid] {
    let chunkFrames = segmentSeconds.map { seconds in
      min(max(Int(seconds * Double(model.sampleRate)), 1), model.segmentFrames)
    }
    // Demucs draws from 0 to half a second, both included; the bias is below 2⁻⁴⁰.
    let largestShift = model.sampleRate / 2
    var generator = SplitMix64(seed: seed)
    let shiftFrames =
      shifts == 0
      ? [0] : (0..<shifts).map { _ in Int(generator.next() % UInt64(largestShift + 1)) }
    return shiftFrames.map { shift in
      SegmentGrid(
        segmentFrames: model.segmentFrames, chunkFrames: chunkFrames ?? model.segmentFrames,
        overlap: overlap, shiftFrames: shift, fillsSegments: !model.takesShortSegments)
    }
  }

  private func shortSeconds(_ seconds: Double) -> String { String(format: "%.3g", seconds) }
}
