// SPDX-License-Identifier: MIT
import Foundation
import MixCore

/// What a stem sounds like in few numbers, for ``StemKindClassifier``; `Training/stem_kind/descriptor.py` is the
/// same and names them.
///
/// Only frames that sound count, and each is taken relative to its own power, so that neither the gain nor silence
/// changes anything.
struct SoundDescriptor {
  /// How many there are.
  static let count = 47

  private static let bandCount = 128
  private static let classCount = 12
  private static let coefficientCount = 12
  /// Of the power of the loud frames.
  private static let gate = Decibels.amplitude(-50)
  /// Of the power of a frame: -60 dB.
  private static let floor = 1e-6
  private static let leastFrameCount = 20
  /// Bands to 0.5, 2, 5 and 11 kHz.
  private static let regions = [1..<20, 20..<57, 57..<91, 91..<127]
  /// The edges of the power shares, in bands.
  private static let shares = [0, 2, 4, 8, 12, 20, 38, 64, 90, 115, 128]
  /// In frames of 23 ms.
  private static let lags = [2, 4, 8, 16, 32]
  /// By how many bands harmonics may have glided in two frames.
  private static let shifts = [0, -1, 1, -2, 2, -3, 3]
  private static let shiftReach = 3
  /// Bands from 0.8 to 4.5 kHz, which lie half a semitone apart above 1 kHz.
  private static let shifted = 30..<94

  /// (47).
  let values: [Double]

  /// The descriptor of a recording; nil for less than half a second of sound.
  ///
  /// - Complexity: O(frames).
  init?(_ series: SpectralSeries) {
    let count = series.frameCount
    guard series.melPowers.count == count * Self.bandCount,
      series.chroma.count == count * Self.classCount
    else { return nil }
    let mel = series.melPowers
    let powers = (0..<count).map { frame in
      (0..<Self.bandCount).reduce(0.0) { $0 + Double(mel[frame * Self.bandCount + $1]) }
    }
    let total = powers.reduce(0, +)
    guard total > 0 else { return nil }
    let loud = powers.reduce(0) { $0 + $1 * $1 } / total
    let isActive = powers.map { $0 > Self.gate * loud }
    guard isActive.count(where: { $0 }) >= Self.leastFrameCount else { return nil }
    var shapes = Shapes(coefficientCount: Self.coefficientCount)
    for frame in 0..<count {
      shapes.add(
        mel[frame * Self.bandCount..<(frame + 1) * Self.bandCount], power: powers[frame],
        isActive: isActive[frame], wasActive: frame > 0 && isActive[frame - 1],
        wasActiveBefore: frame > 1 && isActive[frame - 2])
    }
    values =
      shapes.cepstrum.means + Self.regions.map { shapes.bends.mean(of: $0) }
      + Self.regions.map { shapes.changes.mean(of: $0) }
      + Self.steps(powers.map { Decibels.level(power: max($0 / loud, 1e-4)) }, isActive)
      + Self.lags.map { Self.change(of: shapes.slopes, over: $0, isActive) }
      + shapes.shifts.means + Self.pitchClasses(series.chroma, isActive)
      + zip(Self.shares, Self.shares.dropFirst()).map {
        Decibels.level(power: shapes.shares.means[$0..<$1].reduce(1e-4, +))
      } + shapes.peaks.means + shapes.moves.means
  }

  /// Mean rise and fall of the level from frame to frame in dB, the share of attacks and of slow decays.
  private static func steps(_ levels: [Double], _ isActive: [Bool]) -> [Double] {
    var means = Means(count: 4)
    for frame in levels.indices.dropFirst() where isActive[frame] || isActive[frame - 1] {
      let step = levels[frame] - levels[frame - 1]
      means.add([max(step, 0), max(-step, 0), step > 6 ? 1 : 0, step < -0.1 && step > -2 ? 1 : 0])
    }
    return means.means
  }

  private static func change(of track: [Double], over lag: Int, _ isActive: [Bool]) -> Double {
    var means = Means(count: 1)
    for frame in track.indices.dropFirst(lag) where isActive[frame] && isActive[frame - lag] {
      means.add([abs(track[frame] - track[frame - lag])])
    }
    return means.means[0]
  }

  /// The sum of the chroma, how much it changes, and how often the strongest class stays.
  private static func pitchClasses(_ chroma: [Float], _ isActive: [Bool]) -> [Double] {
    var (sums, changes) = (Means(count: 1), Means(count: 2))
    var before: [Double] = []
    for frame in isActive.indices {
      let now = chroma[frame * classCount..<(frame + 1) * classCount].map(Double.init)
      if isActive[frame] { sums.add([now.reduce(0, +)]) }
      if frame > 0, isActive[frame], isActive[frame - 1] {
        let change = zip(now, before).reduce(0) { $0 + abs($1.0 - $1.1) }
        changes.add([change, now.firstIndexOfLargest == before.firstIndexOfLargest ? 1 : 0])
      }
      before = now
    }
    return sums.means + changes.means
  }

  /// What follows from the shapes of the spectra, frame by frame.
  private struct Shapes {
    var cepstrum: Means
    var bends = Means(count: bandCount)
    var changes = Means(count: bandCount)
    var shifts = Means(count: 3)
    var shares = Means(count: bandCount)
    var peaks = Means(count: 1)
    var moves = Means(count: 1)
    /// (frames): the first cepstral coefficient.
    var slopes: [Double] = []

    private let cosines: [Double]  // (coefficients, 128)
    private var before: (shape: [Double], fine: [Double], peak: Int) = ([], [], 0)
    private var fineBefore: [Double] = []

    init(coefficientCount: Int) {
      cepstrum = Means(count: coefficientCount)
      let count = Double(bandCount)
      cosines = (1...coefficientCount).flatMap { k in
        (0..<bandCount).map {
          (2 / count).squareRoot() * cos(Double.pi * Double(k) * Double(2 * $0 + 1) / (2 * count))
        }
      }
    }

    mutating func add(
      _ mel: ArraySlice<Float>, power: Double, isActive: Bool, wasActive: Bool,
      wasActiveBefore: Bool
    ) {
      // Nothing of a frame that does not sound counts.
      guard isActive else {
        slopes.append(0)
        (fineBefore, before) = (before.fine, ([], [], 0))
        return
      }
      let relative = mel.map { Double($0) / max(power, 1e-30) }
      let shape = relative.map { Decibels.level(power: max($0, floor)) }
      let coefficients = (0..<cepstrum.means.count).map { k in
        (0..<bandCount).reduce(0) { $0 + cosines[k * bandCount + $1] * shape[$1] }
      }
      let peak = Array(mel).firstIndexOfLargest
      let fine = Self.fine(shape)
      cepstrum.add(coefficients)
      shares.add(relative)
      peaks.add([Double(peak)])
      bends.add(
        shape.indices.map {
          $0 == 0 || $0 == bandCount - 1
            ? 0 : abs(shape[$0 + 1] - 2 * shape[$0] + shape[$0 - 1])
        })
      if wasActive {
        changes.add(shape.indices.map { abs(shape[$0] - before.shape[$0]) })
        moves.add([Double(abs(peak - before.peak))])
      }
      if wasActiveBefore { shifts.add(Self.shift(from: fineBefore, to: fine)) }
      slopes.append(coefficients[0])
      (fineBefore, before) = (before.fine, (shape, fine, peak))
    }

    /// (64): the shape without what is smooth in it.
    private static func fine(_ shape: [Double]) -> [Double] {
      shifted.map { band in shape[band] - shape[band - 4...band + 4].reduce(0, +) / 9 }
    }

    /// Whether harmonics moved by a band, by more, and how alike the frames then are.
    private static func shift(from old: [Double], to new: [Double]) -> [Double] {
      let places = shiftReach..<shifted.count - shiftReach
      let energy = places.reduce(0) { $0 + new[$1] * new[$1] }
      var (best, bestAlike) = (0, -Double.infinity)
      for (place, shift) in SoundDescriptor.shifts.enumerated() {
        var (product, oldEnergy) = (0.0, 0.0)
        for i in places {
          product += new[i] * old[i + shift]
          oldEnergy += old[i + shift] * old[i + shift]
        }
        // What is equally alike counts as not shifted.
        let alike = product / ((energy * oldEnergy).squareRoot() + 1) - 1e-6 * Double(place)
        if alike > bestAlike { (best, bestAlike) = (abs(shift), alike) }
      }
      return [best == 1 ? 1 : 0, best > 1 ? 1 : 0, bestAlike]
    }
  }

  /// The means of several values.
  private struct Means {
    private var sums: [Double]
    private var count = 0.0

    init(count: Int) { sums = [Double](repeating: 0, count: count) }

    /// Zeros where nothing was added.
    var means: [Double] { sums.map { $0 / max(1, count) } }

    func mean(of range: Range<Int>) -> Double {
      sums[range].reduce(0, +) / (Double(range.count) * max(1, count))
    }

    mutating func add(_ values: [Double]) {
      for index in sums.indices { sums[index] += values[index] }
      count += 1
    }
  }
}

extension Array where Element: Comparable {
  /// 0 for an empty one.
  fileprivate var firstIndexOfLargest: Int {
    indices.reduce(0) { self[$1] > self[$0] ? $1 : $0 }
  }
}
