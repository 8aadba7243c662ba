// SPDX-License-Identifier: MIT

/// How much each bin of a spectrum belongs to each of the twelve pitch classes from C, at A4 = 440 Hz.
///
/// After Ellis, "Chroma feature analysis and synthesis" (2007), as `librosa.filters.chroma` has it: a Gaussian
/// around each pitch class, under a Gaussian two octaves wide around A4 + 1 octave.
final class ChromaFilterBank {
  static let classCount = 12
  private static let centreOctave = 5.0  // above A0 / 2, 13.75 Hz
  private static let octaveWidth = 2.0

  private let binCount: Int
  private let weights: Storage<Float>  // (12, bins)

  init(sampleRate: Double, frameLength: Int) {
    binCount = frameLength / 2 + 1
    weights = Storage(count: Self.classCount * binCount, repeating: 0)
    let classes = Double(Self.classCount)
    // The pitch of each bin in semitones above A of 27.5 Hz; that of 0 Hz is made up.
    var pitches = (0...binCount).map { bin in
      let frequency = Double(max(1, bin)) * sampleRate / Double(frameLength)
      return classes * Elementary.log(frequency / 27.5) / Elementary.ln2
    }
    pitches[0] = pitches[1] - 1.5 * classes
    for bin in 0..<binCount {
      let pitch = pitches[bin]
      let width = max(1, pitches[bin + 1] - pitch)
      var column: [Double] = []
      for index in 0..<Self.classCount {
        // The distance to class `index` from A, folded into -6..<6.
        var distance = pitch - Double(index) + classes / 2
        distance -= (distance / classes).rounded(.down) * classes
        distance = 2 * (distance - classes / 2) / width
        column.append(Elementary.exp(-0.5 * distance * distance))
      }
      let norm = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let octaves = (pitch / classes - Self.centreOctave) / Self.octaveWidth
      let scale = Elementary.exp(-0.5 * octaves * octaves) / norm
      for index in 0..<Self.classCount {
        // A is the tenth class from C.
        weights[(index + 9) % Self.classCount * binCount + bin] = Float(column[index] * scale)
      }
    }
  }

  /// The chroma of a power spectrum, (12), its largest value 1; zeros for silence.
  func apply(_ powers: UnsafePointer<Float>, into chroma: UnsafeMutablePointer<Float>) {
    var largest: Float = 0
    for index in 0..<Self.classCount {
      let value = dotProduct(powers, weights.pointer + index * binCount, count: binCount)
      chroma[index] = value
      largest = max(largest, value)
    }
    guard largest >= Float.leastNormalMagnitude else { return }
    for index in 0..<Self.classCount { chroma[index] /= largest }
  }
}
