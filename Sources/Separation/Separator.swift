// SPDX-License-Identifier: MIT
public import Audio
public import Foundation

/// Takes songs apart into stems.
///
/// ```swift
/// let separator = try Separator(model: .lite)
/// for try await event in separator.separate(URL(filePath: "song.flac")) {
///   switch event {
///   case .progress(let progress): print(progress.fraction ?? 0)
///   case .finished(let track): print(track.stems.keys.sorted())  // bass, drums, other, vocals
///   }
/// }
/// ```
///
/// Segments overlap and are added with the weights that Demucs uses (Défossez, "Hybrid
/// Spectrogram and Waveform Source Separation", 2021, and `apply_model` of its package). Several
/// segments are worked on at once; the result has the same bits for any number of workers.
///
/// A separator is immutable and may be used by many tasks at once; each separation has its own
/// threads and memory.
public struct Separator: Sendable {
  /// The model that separates.
  public let model: ModelDescription
  /// How tracks are cut and worked on.
  public let options: Options

  private let models: ModelPair

  /// Loads a model.
  ///
  /// - Parameters:
  ///   - model: The name of a model; `lite` comes with the package.
  ///   - options: How tracks are cut and worked on.
  ///   - repository: A folder of `*.safetensors` files in which the model is looked for first.
  /// - Throws: A ``SeparationError``: unknown model, malformed checkpoint, or an option out of
  ///   range.
  public init(
    model: ModelName = .lite, options: Options = Options(), repository: URL? = nil
  ) throws(SeparationError) {
    let description = try ModelRegistry(repository: repository).model(named: model)
    try self.init(description: description, options: options) {
      (threads: Int) throws(SeparationError) in
      try description.load(threadsPerWorker: threads, precision: options.precision)
    }
  }

  /// Creates a separator around any model.
  init(
    description: ModelDescription, options: Options,
    load: @escaping @Sendable (Int) throws(SeparationError) -> any SegmentModel
  ) throws(SeparationError) {
    models = try ModelPair(load: load)
    try options.validate(for: models.single)
    self.model = description
    self.options = options
  }

  /// The names of the stems, in the model's order.
  public var stems: [String] { models.single.sources }

  /// What the model multiplies in on this processor, `float32` or `bfloat16`.
  public var precision: Options.Precision { models.single.precision }

  /// Separates a file into stems in memory, (2, frames) each, at the file's rate and length.
  ///
  /// The stems take 32 bytes per frame in memory; to separate long files write them to files.
  public func separate(_ file: URL) -> SeparationEvents {
    events(.file(path: file.path)) { layout, _ in MemorySink(layout: layout) }
  }

  /// Separates a file into files; memory does not depend on the length.
  ///
  /// The files appear under their names when all of them are complete.
  public func separate(_ file: URL, to files: StemFiles) -> SeparationEvents {
    events(.file(path: file.path)) { (layout, signal) throws(SeparationError) in
      try StemFileSink(files: files, layout: layout, signal: signal)
    }
  }

  /// Separates a buffer of one or two channels.
  ///
  /// - Returns: The stems by name, (2, frames) each, at the buffer's rate and length.
  public func separate(
    _ buffer: AudioBuffer, sampleRate: Int
  ) async throws(SeparationError) -> [String: AudioBuffer] {
    let events = events(.memory(buffer, sampleRate: sampleRate)) { layout, _ in
      MemorySink(layout: layout)
    }
    var iterator = events.makeAsyncIterator()
    while let event = try await iterator.next() {
      if case .finished(let track) = event { return track.stems }
    }
    throw .cancelled
  }

  private func events(
    _ source: TrackSource,
    makeSink:
      @escaping @Sendable (TrackLayout, CancellationSignal) throws(SeparationError)
      -> any StemSink
  ) -> SeparationEvents {
    SeparationEvents { [models, options] channel in
      let run = SeparationRun(
        models: models, options: options, source: source, makeSink: makeSink,
        signal: channel.signal, report: { channel.report($0) })
      let thread = Thread {
        channel.finish(Result { () throws(SeparationError) in try run.run() })
      }
      thread.name = "separator"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }
}
