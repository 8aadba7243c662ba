// SPDX-License-Identifier: MIT
public import Audio
import MixCore

/// Where the stems of a song can be heard again, for advisors that measure what a plan makes of them.
public struct StemSources: Sendable {
  /// One stem.
  public enum Source: Sendable, Equatable {
    /// A file, which is read block by block.
    case file(path: String)
    /// Samples, (1 or 2, frames), at a rate in Hz.
    case samples(AudioBuffer, sampleRate: Int)
  }

  /// The stems by the names of their tracks.
  public var sources: [String: Source]
  /// Asked for every block.
  public var isCancelled: @Sendable () -> Bool

  /// Puts sources together.
  public init(
    _ sources: [String: Source], isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) {
    self.sources = sources
    self.isCancelled = isCancelled
  }

  /// Puts the tracks of a plan through their processors, without reverb and master.
  ///
  /// Memory does not grow with time.
  ///
  /// - Parameters:
  ///   - plan: The tracks; those without a source are silent.
  ///   - sampleRate: In Hz.
  ///   - listen: Shown the engine after every block, with the block's frames.
  /// - Throws: ``AutoMixError`` with the code `input`, `invalidOption` or `cancelled`.
  func render(
    _ plan: MixPlan, sampleRate: Int, listen: (MixEngine, _ frameCount: Int) -> Void
  ) throws(AutoMixError) {
    var plan = plan
    plan.reverb = nil
    plan.master = Master()
    let block = 4096
    let engine: MixEngine
    do throws(MixEngine.Failure) {
      engine = try MixEngine(
        plan: plan, sampleRate: Double(sampleRate), maximumFrameCount: block,
        endsBeforeLoudness: true)
    } catch {
      throw AutoMixError(
        code: .invalidOption, message: "The vocal cannot be rendered: \(error).")
    }
    do throws(AudioError) {
      var streams: [StereoStream?] = []
      for track in plan.tracks { streams.append(try stream(track.name, sampleRate)) }
      while true {
        var count = 0
        for (index, stream) in streams.enumerated() {
          if let stream { count = max(count, try stream.read(into: engine.input(index))) }
        }
        guard count > 0 else { return }
        if isCancelled() {
          throw AudioError(code: .cancelled, path: "mix", message: "the analysis was cancelled")
        }
        engine.process(frameCount: count)
        listen(engine, count)
      }
    } catch { throw .input(error) }
  }

  /// Gives out the sum of stems as they are, block by block.
  ///
  /// - Throws: ``AutoMixError`` with the code `input` or `cancelled`.
  func read(
    _ names: [String], sampleRate: Int, _ body: (StereoBlock) -> Void
  ) throws(AutoMixError) {
    try render(MixPlan(trackNames: names), sampleRate: sampleRate) { engine, count in
      body(engine.preMaster.slice(from: 0, count: count))
    }
  }

  private func stream(_ name: String, _ sampleRate: Int) throws(AudioError) -> StereoStream? {
    switch sources[name] {
    case .file(let path):
      let reader = try AudioReader(path: path, isCancelled: isCancelled)
      return try StereoStream(reader: reader, sampleRate: sampleRate)
    case .samples(let buffer, let rate):
      return try StereoStream(samples: buffer, inputRate: rate, sampleRate: sampleRate)
    case nil: return nil
    }
  }
}
