// SPDX-License-Identifier: MIT
import Audio

/// What a sink must know before the first block.
struct TrackLayout: Sendable {
  /// The names of the stems in the order of the blocks.
  var sources: [String]
  var channelCount: Int
  /// In hertz.
  var sampleRate: Int
}

/// What a sink has made of a track.
struct SinkResult {
  var stems: [String: AudioBuffer] = [:]
  var paths: [String: String] = [:]
  var warnings: [String] = []
}

/// Takes the stems of a track block by block, called by one thread.
protocol StemSink: AnyObject {
  /// Whether `write` is to be given the mixture, too.
  var needsMixture: Bool { get }
  /// The stems that `write` makes use of, by their indices.
  var neededSources: Set<Int> { get }
  /// Takes the next block of every stem, all of the same length.
  func write(_ stems: [AudioBuffer], mixture: AudioBuffer?) throws(SeparationError)
  /// Completes the stems. Nothing is visible in the file system before.
  func finish() throws(SeparationError) -> SinkResult
  /// Undoes everything, also after `finish` has thrown.
  func cancel()
}

/// Collects the stems in memory.
final class MemorySink: StemSink {
  private let layout: TrackLayout
  private var channels: [[Float]]  // (sources · channels)(frames)

  init(layout: TrackLayout) {
    self.layout = layout
    channels = Array(repeating: [], count: layout.sources.count * layout.channelCount)
  }

  var needsMixture: Bool { false }
  var neededSources: Set<Int> { Set(layout.sources.indices) }

  func write(_ stems: [AudioBuffer], mixture: AudioBuffer?) {
    for (index, stem) in stems.enumerated() {
      for channel in 0..<layout.channelCount {
        let first = channel * stem.frameCount
        channels[index * layout.channelCount + channel] +=
          stem.samples[first..<first + stem.frameCount]
      }
    }
  }

  func finish() -> SinkResult {
    var result = SinkResult()
    for (index, source) in layout.sources.enumerated() {
      let rows = index * layout.channelCount..<(index + 1) * layout.channelCount
      result.stems[source] = AudioBuffer(
        channelCount: layout.channelCount, frameCount: channels[rows.lowerBound].count,
        samples: Array(channels[rows].joined()))
    }
    return result
  }

  func cancel() { channels = [] }
}
