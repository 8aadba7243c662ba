// SPDX-License-Identifier: MIT

/// A network that takes one segment of a mixture apart.
///
/// A model is immutable: its weights and planned primitives are shared by all workers. Whatever
/// changes during a segment lies in a ``SegmentWorkspace``.
protocol SegmentModel: Sendable {
  /// The names of the stems, in the order in which they lie in the output.
  var sources: [String] { get }
  /// The sample rate of input and output in hertz.
  var sampleRate: Int { get }
  /// The number of channels of the mixture and of every stem.
  var channelCount: Int { get }
  /// The samples per channel that one call takes and gives.
  var segmentFrames: Int { get }
  /// Whether the model takes fewer samples than that, too, as they are; others see a short last
  /// chunk with the audio around it.
  var takesShortSegments: Bool { get }
  /// Whether the model wants the whole track brought to zero mean and unit deviation first.
  var normalizesTrack: Bool { get }
  /// What the model multiplies in, `float32` or `bfloat16`.
  var precision: Separator.Options.Precision { get }
  /// Whether a worker may use any number of threads on a segment and gets the same bits.
  ///
  /// Then few workers with several threads each take less memory than many with one.
  var isThreadable: Bool { get }
  /// Allocates all the memory that one worker needs.
  ///
  /// - Parameter threadCount: Threads that the worker uses, where the model is threadable.
  /// - Throws: `limit` where there is not as much memory.
  func makeWorkspace(threadCount: Int) throws(SeparationError) -> any SegmentWorkspace
  /// A workspace that may use the memory of another, for a worker that never uses both at once.
  func makeWorkspace(
    sharing other: any SegmentWorkspace, threadCount: Int
  ) throws(SeparationError) -> any SegmentWorkspace
  /// A model that need only give these stems, by their indices; the others may be anything.
  func restricted(to sources: Set<Int>) throws(SeparationError) -> any SegmentModel
}

extension SegmentModel {
  /// `false`: networks of the SCNet kind normalise every segment themselves.
  var normalizesTrack: Bool { false }

  /// `float32`: not every architecture has both.
  var precision: Separator.Options.Precision { .float32 }

  /// `false`: networks are made for one length.
  var takesShortSegments: Bool { false }

  /// `false`: oneDNN's operations are made for a number of threads.
  var isThreadable: Bool { false }

  /// With memory of its own.
  func makeWorkspace(
    sharing other: any SegmentWorkspace, threadCount: Int
  ) throws(SeparationError) -> any SegmentWorkspace {
    try makeWorkspace(threadCount: threadCount)
  }

  /// The model itself: most networks compute all stems together.
  func restricted(to sources: Set<Int>) throws(SeparationError) -> any SegmentModel { self }
}

/// The memory of one worker, used by one thread at a time.
protocol SegmentWorkspace: AnyObject {
  /// Separates one segment.
  ///
  /// - Parameters:
  ///   - input: The mixture, (channels, frameCount).
  ///   - output: Receives the stems, (sources, channels, frameCount).
  ///   - frameCount: The model's `segmentFrames`; less only where it takes short segments.
  func process(
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, frameCount: Int)
  /// Why the last segment's output cannot be used, where something failed.
  var failure: SeparationError? { get }
}

extension SegmentWorkspace {
  /// `nil`: nothing can fail.
  var failure: SeparationError? { nil }
}
