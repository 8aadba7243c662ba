// SPDX-License-Identifier: MIT

/// Moves the pitch of a voice without its formants: time-domain pitch-synchronous overlap and add.
///
/// Moulines and Charpentier, Pitch-synchronous waveform processing techniques for text-to-speech synthesis using
/// diphones, Speech Communication 9 (5), 1990. Marks are set a period apart on the mean of the channels, each where
/// the waveform is most like that around the one before. Two periods around each mark are set anew at the wanted
/// distance, with a fraction of a sample, and divided by the sum of their windows. What has no pitch, or is not to
/// be moved, keeps its bits.
public struct PitchShifter {
  /// A correction smaller than this throughout a run, in cents, is none.
  private static let leastCents: Float = 0.5
  /// Half the taps of the kernel that reads between samples.
  private static let reach = 8

  private let track: PitchTrack
  private let correction: PitchCorrection

  /// - Parameters:
  ///   - track: Of the take to be changed.
  ///   - correction: For the same frames.
  public init(_ track: PitchTrack, _ correction: PitchCorrection) {
    precondition(
      track.frequencies.count == correction.cents.count, "the correction is of another track")
    self.track = track
    self.correction = correction
  }

  /// Changes a take in place, both channels by the same marks.
  ///
  /// - Parameters:
  ///   - take: The take of the track; a single channel named twice.
  ///   - isCancelled: Asked for every run; once true, the rest stays as it is.
  public func process(_ take: StereoBlock, isCancelled: () -> Bool = { false }) {
    for run in track.runs {
      if isCancelled() { return }
      guard run.contains(where: { abs(correction.cents[$0]) >= Self.leastCents }) else { continue }
      process(run, take)
    }
  }

  private func process(_ run: Range<Int>, _ take: StereoBlock) {
    let hop = track.hopLength
    let start = max(0, run.lowerBound * hop - hop / 2)
    let end = min(take.frameCount, (run.upperBound - 1) * hop + hop / 2)
    let longest = Int(track.sampleRate / PitchTrack.rangeHz.lowerBound)
    let margin = 2 * longest + 2 * Self.reach
    let source = RunSource(take, from: start - margin, to: end + margin)
    let marks = marks(source, start, end)
    guard marks.count >= 3 else { return }
    let grains = grains(marks)
    guard let first = grains.first, let last = grains.last else { return }
    let fade = (marks[1] - marks[0], marks[marks.count - 1] - marks[marks.count - 2])
    let window = windowSums(grains, source)
    let isStereo = take.left != take.right
    for channel in 0..<(isStereo ? 2 : 1) {
      let output = overlap(grains, source, channel == 0 ? source.left : source.right)
      let target = channel == 0 ? take.left : take.right
      for i in max(start, Int(first.place))..<min(end, Int(last.place)) {
        let weight = window[i - source.start]
        guard weight > 0.05 else { continue }
        // The run begins and ends within a period.
        let share = min(
          1, (Double(i) - first.place) / fade.0, (last.place - Double(i)) / fade.1)
        guard share > 0 else { continue }
        target[i] += Float(share) * (output[i - source.start] / weight - target[i])
      }
    }
  }

  /// What is needed of a take for a run.
  private struct RunSource {
    let start: Int
    let count: Int
    let left: Storage<Float>
    let right: Storage<Float>
    let mono: Storage<Float>

    init(_ take: StereoBlock, from start: Int, to end: Int) {
      self.start = start
      count = end - start
      left = Storage(count: count, repeating: 0)
      right = Storage(count: count, repeating: 0)
      mono = Storage(count: count, repeating: 0)
      for i in max(0, start)..<max(0, min(take.frameCount, end)) {
        left[i - start] = take.left[i]
        right[i - start] = take.right[i]
        mono[i - start] = (take.left[i] + take.right[i]) / 2
      }
    }
  }

  /// The period at a place in samples.
  private func period(_ place: Double, _ range: ClosedRange<Int>) -> Double {
    let frame = Int((place / Double(track.hopLength)).rounded())
    return track.sampleRate
      / Double(track.frequencies[min(max(frame, range.lowerBound), range.upperBound)])
  }

  /// The factor of the pitch at a place in samples.
  private func ratio(_ place: Double) -> Double {
    let position = min(
      max(0, place / Double(track.hopLength)), Double(correction.cents.count - 1))
    let frame = min(Int(position), max(0, correction.cents.count - 2))
    let part = Float(position - Double(frame))
    let next = min(frame + 1, correction.cents.count - 1)
    let cents = correction.cents[frame] * (1 - part) + correction.cents[next] * part
    return Elementary.exp(Double(cents) / 1200 * Elementary.ln2)
  }

  /// Marks a period apart from `start` to `end`, in samples.
  private func marks(_ source: RunSource, _ start: Int, _ end: Int) -> [Double] {
    let hop = Double(track.hopLength)
    let frames =
      Int(
        (Double(start) / hop).rounded(.up))...max(
        Int((Double(start) / hop).rounded(.up)), Int(Double(end) / hop))
    let mono = source.mono.pointer
    // The largest sample of the first period.
    let first = Int(period(Double(start), frames))
    guard start + first < end else { return [] }
    var place = start
    for i in start..<start + first
    where abs(mono[i - source.start]) > abs(mono[place - source.start]) {
      place = i
    }
    var marks = [Double(place)]
    while let mark = marks.last {
      let period = period(mark, frames)
      guard mark + 1.5 * period < Double(end) else { return marks }
      let reference = Int(mark.rounded())
      let half = max(4, Int(period / 2))
      let reach = max(2, Int(0.12 * period))
      let expected = reference + Int(period.rounded())
      let a = mono + (reference - half - source.start)
      func likeness(_ candidate: Int) -> Float {
        let b = mono + (candidate - half - source.start)
        let power = sumOfSquares(b, count: 2 * half)
        return power > 0 ? dotProduct(a, b, count: 2 * half) / power.squareRoot() : 0
      }
      var (best, value) = (expected, likeness(expected))
      for candidate in expected - reach...expected + reach {
        let other = likeness(candidate)
        if other > value { (best, value) = (candidate, other) }
      }
      let (before, after) = (likeness(best - 1), likeness(best + 1))
      let curvature = before - 2 * value + after
      let offset = curvature < 0 ? min(max((before - after) / (2 * curvature), -0.5), 0.5) : 0
      marks.append(Double(best) + Double(offset) + (mark - Double(reference)))
    }
    return marks
  }

  /// Two periods of the source around a mark, and where they go.
  private struct Grain {
    let mark: Double
    let place: Double
    let before: Double
    let after: Double

    var samples: ClosedRange<Int> {
      let first = Int((place - before).rounded(.up))
      return first...max(first, Int((place + after).rounded(.down)))
    }

    /// The Hann window, 1 at the mark and 0 at those beside it.
    func window(_ sample: Int) -> Float {
      let distance = Double(sample) - place
      let share = min(1, abs(distance) / (distance < 0 ? before : after))
      return Float(0.5 + 0.5 * Elementary.cosine(Double.pi * share))
    }
  }

  private func grains(_ marks: [Double]) -> [Grain] {
    var grains: [Grain] = []
    var place = marks[0]
    var index = 0
    let last = marks.count - 1
    while place <= marks[last] {
      while index < last, abs(marks[index + 1] - place) <= abs(marks[index] - place) { index += 1 }
      let before = index > 0 ? marks[index] - marks[index - 1] : marks[1] - marks[0]
      let after = index < last ? marks[index + 1] - marks[index] : before
      grains.append(Grain(mark: marks[index], place: place, before: before, after: after))
      place += after / ratio(place)
    }
    return grains
  }

  private func windowSums(_ grains: [Grain], _ source: RunSource) -> [Float] {
    var sums = [Float](repeating: 0, count: source.count)
    for grain in grains {
      for i in grain.samples { sums[i - source.start] += grain.window(i) }
    }
    return sums
  }

  private func overlap(_ grains: [Grain], _ source: RunSource, _ channel: Storage<Float>) -> [Float]
  {
    var output = [Float](repeating: 0, count: source.count)
    let reach = Self.reach
    for grain in grains {
      let shift = grain.mark - grain.place
      let whole = shift.rounded(.down)
      let kernel = Self.kernel(shift - whole)
      for i in grain.samples {
        let place = i + Int(whole) - source.start
        guard place - reach + 1 >= 0, place + reach < source.count else { continue }
        var value = channel[place]
        if let kernel {
          value = kernel.withUnsafeBufferPointer { kernel in
            guard let kernel = kernel.baseAddress else { return 0 }
            return dotProduct(channel.pointer + (place - reach + 1), kernel, count: 2 * reach)
          }
        }
        output[i - source.start] += grain.window(i) * value
      }
    }
    return output
  }

  /// (16): sinc in a Hann window, to read `part` of a sample later; nil for 0.
  private static func kernel(_ part: Double) -> [Float]? {
    guard part > 1e-9 else { return nil }
    var taps: [Double] = []
    for j in 1 - reach...reach {
      let x = Double(j) - part
      let angle = Double.pi * x
      let sinc = abs(x) < 1e-9 ? 1 : Elementary.sine(angle) / angle
      taps.append(sinc * (0.5 + 0.5 * Elementary.cosine(angle / Double(reach))))
    }
    let sum = taps.reduce(0, +)
    return taps.map { Float($0 / sum) }
  }
}
