// SPDX-License-Identifier: MIT

extension MusicalKey {
  /// The pitch classes of the scale, from C: major, or natural minor.
  public var pitchClasses: [Int] {
    let steps = mode == .major ? [0, 2, 4, 5, 7, 9, 11] : [0, 2, 3, 5, 7, 8, 10]
    return steps.map { (tonic + $0) % 12 }.sorted()
  }

  /// Reads a key such as “A minor”, “Bb major”, “F#m” or “C”; nil if it is none.
  ///
  /// A letter from A to G, “#”, “b” or nothing, and “major”, “maj”, “minor”, “min”, “m” or nothing, which is major.
  /// Only a single “m” has to be a small letter.
  public init?(name: String) {
    var bytes = Array(name.utf8)
    while bytes.last == 32 { bytes.removeLast() }
    while bytes.first == 32 { bytes.removeFirst() }
    guard let letter = bytes.first else { return nil }
    // From A: A, B, C, D, E, F, G.
    let classes = [9, 11, 0, 2, 4, 5, 7]
    let index = Int(letter | 32) - 97
    guard classes.indices.contains(index) else { return nil }
    var tonic = classes[index]
    bytes.removeFirst()
    if bytes.first == 35 {  // #
      tonic += 1
      bytes.removeFirst()
    } else if bytes.first == 98 {  // b
      tonic -= 1
      bytes.removeFirst()
    }
    while bytes.first == 32 { bytes.removeFirst() }
    let isCapitalM = bytes == [77]
    let mode = bytes.map { $0 | 32 }
    if mode.isEmpty || mode == Array("major".utf8) || mode == Array("maj".utf8) {
      self.init(tonic: tonic, mode: .major)
    } else if mode == Array("minor".utf8) || mode == Array("min".utf8)
      || mode == Array("m".utf8) && !isCapitalM
    {
      self.init(tonic: tonic, mode: .minor)
    } else {
      return nil
    }
  }
}

/// By how much a voice is to be moved to be in tune, over time.
public struct PitchCorrection: Sendable, Equatable {
  /// (frames of the track): in cents, positive for higher; 0 where there is no pitch.
  public let cents: [Float]
  /// The mean magnitude over voiced frames in cents; nil without any.
  public let meanCents: Double?

  /// How much nearer another note of the scale has to be for the target to change, in semitones.
  private static let hysteresis = 0.2

  /// Computes the correction towards the nearest notes of a scale, A4 = 440 Hz.
  ///
  /// - Parameters:
  ///   - key: The scale; all twelve notes if nil.
  ///   - amount: 0 for none of it, 1 for all.
  ///   - retuneMilliseconds: The time constant with which the correction follows; what is quicker stays, such as
  ///     vibrato.
  public init(
    _ track: PitchTrack, key: MusicalKey?, amount: Double, retuneMilliseconds: Double
  ) {
    let classes = key?.pitchClasses ?? Array(0..<12)
    var cents = [Float](repeating: 0, count: track.frequencies.count)
    let pole = poleOfTimeConstant(
      milliseconds: retuneMilliseconds, sampleRate: track.sampleRate / Double(track.hopLength))
    var (sum, count) = (0.0, 0)
    for run in track.runs {
      var target: Double?
      var values: [Double] = []
      for frame in run {
        guard let pitch = track.semitones(frame) else { continue }
        let nearest = Self.nearest(pitch, classes)
        if let old = target, abs(old - pitch) < abs(nearest - pitch) + Self.hysteresis {
          values.append(100 * (old - pitch))
        } else {
          target = nearest
          values.append(100 * (nearest - pitch))
        }
      }
      // Forwards and backwards, so that the correction comes neither late nor early.
      for isBackward in [false, true] {
        let mean = values.prefix(8).reduce(0, +) / Double(max(1, min(8, values.count)))
        var state = isBackward ? values.last ?? 0 : mean
        for i in values.indices {
          let place = isBackward ? values.count - 1 - i : i
          state = pole * state + (1 - pole) * values[place]
          values[place] = state
        }
      }
      for (frame, value) in zip(run, values) {
        cents[frame] = Float(min(max(amount, 0), 1) * min(max(value, -200), 200))
        sum += Double(abs(cents[frame]))
        count += 1
      }
    }
    self.cents = cents
    meanCents = count > 0 ? sum / Double(count) : nil
  }

  /// A correction that is known, for the frames of a track.
  public init(cents: [Float]) {
    self.cents = cents
    meanCents = nil
  }

  /// The note of the scale nearest to a pitch, both in semitones of MIDI.
  private static func nearest(_ pitch: Double, _ classes: [Int]) -> Double {
    let octave = 12 * (pitch / 12).rounded(.down)
    var best = octave + Double(classes[0])
    for shift in [-12.0, 0, 12] {
      for value in classes {
        let note = octave + shift + Double(value)
        if abs(note - pitch) < abs(best - pitch) { best = note }
      }
    }
    return best
  }
}
