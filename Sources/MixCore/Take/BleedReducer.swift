// SPDX-License-Identifier: MIT

/// How much of the backing is in a take.
public struct Bleed: Sendable, Equatable {
  /// The level of the backing in the take against the backing itself, in dB.
  public let levelDB: Double
  /// The share of the take's power in the pauses that follows from the backing, 0 to 1.
  public let share: Double
  /// (bins): the power in the take over the power of the backing, ``BleedReducer`` explains which; 0 where there is
  /// none of it.
  let transfer: [Float]
}

/// Finds the backing in an aligned take and reduces it, in three passes over the backing.
///
/// ```swift
/// let reducer = BleedReducer(sampleRate: 48_000)
/// // In each pass the whole backing, mono, at the take's rate.
/// reducer.process(backing: samples, take: take)
/// guard reducer.endLevels(take: take) else { return }
/// reducer.process(backing: samples, take: take)
/// guard reducer.endSpectra(take: take) != nil else { return }
/// reducer.beginReduction(reductionDB: 12)
/// reducer.process(backing: samples, take: take)
/// reducer.endReduction(take: take)
/// ```
///
/// 1. The levels of both tell in which frames the singer is silent: where the take is quietest against the
///    backing.
/// 2. In these, the spectrum of the take is compared with that of the backing. Where they are coherent
///    (Carter, Coherence and time delay estimation, Proceedings of the IEEE 75 (2), 1987), the take holds the
///    backing, and the ratio of the powers is its transfer, per bin, with the room: each frame of the backing
///    sounds on for some frames.
/// 3. What the backing leads to expect is taken from the take by Wiener's gains.
///
/// Of the backing only a frame is kept, of the take's frames two numbers each. Used by one task at a time.
public final class BleedReducer {
  /// What a pass does.
  private enum Pass { case levels, spectra, reduction }

  /// What of a frame's power sounds on in the next one: 60 dB in 0.23 s.
  private static let decay: Float = 0.5
  /// Which share of the frames in which the backing sounds is taken for pauses of the singer.
  private static let pauseShare = 0.2
  /// How many pauses there have to be: half a second.
  private static let leastPauses = 40
  /// Which share of the power in a band has to be coherent with the backing.
  private static let leastCoherence = 0.2
  /// How much more than expected the bleed is taken for: single frames exceed the mean.
  private static let caution: Float = 2
  /// How many bands a take is looked at in.
  private static let bandCount = 24

  private let sampleRate: Double
  private let spectrum: FrameSpectrum
  private let pending: Storage<Float>  // (length): the last samples of the backing
  private let mono: Storage<Float>  // (length): a frame of the take
  private var filled: Int
  private var position: Int
  private var pass = Pass.levels

  private var levels: [(take: Float, backing: Float)] = []
  private var isPause: [Bool] = []
  private var frame = 0
  private var lastBacking: [Float]  // (bins): the power of the backing with the room
  private var sums: Sums
  private var gate: DecisionDirectedGate?
  private var transfer: [Float] = []
  private var powers: [Float]
  private var unwanted: [Float]
  private var gains: [Float]

  private struct Sums {
    var take: [Double]
    var backing: [Double]
    var room: [Double]
    var real: [Double]
    var imaginary: [Double]

    init(_ count: Int) {
      take = [Double](repeating: 0, count: count)
      (backing, room, real, imaginary) = (take, take, take, take)
    }
  }

  /// - Parameter sampleRate: Of the take, in Hz.
  public init(sampleRate: Double) {
    self.sampleRate = sampleRate
    spectrum = FrameSpectrum(sampleRate: sampleRate)
    pending = Storage(count: spectrum.length, repeating: 0)
    mono = Storage(count: spectrum.length, repeating: 0)
    // The first frame begins three hops before the recording.
    filled = spectrum.length - spectrum.hop
    position = -filled
    let zeros = [Float](repeating: 0, count: spectrum.binCount)
    lastBacking = zeros
    powers = zeros
    unwanted = zeros
    gains = zeros
    sums = Sums(spectrum.binCount)
  }

  /// Listens to the next samples of the backing, mono at the take's rate.
  ///
  /// - Parameter take: The whole take, the same every time; it is changed in the third pass only. A single channel
  ///   is named twice.
  public func process(backing samples: UnsafeBufferPointer<Float>, take: StereoBlock) {
    guard let base = samples.baseAddress else { return }
    var taken = 0
    while taken < samples.count {
      let count = min(samples.count - taken, spectrum.length - filled)
      (pending.pointer + filled).update(from: base + taken, count: count)
      taken += count
      filled += count
      if filled == spectrum.length { endFrame(take) }
    }
  }

  /// Ends a pass; the backing is silent where it is shorter than the take.
  private func finish(_ take: StereoBlock) {
    let silence = [Float](repeating: 0, count: spectrum.hop)
    while position < take.frameCount {
      silence.withUnsafeBufferPointer { process(backing: $0, take: take) }
    }
    filled = spectrum.length - spectrum.hop
    position = -filled
    frame = 0
    pending.reset()
    for k in lastBacking.indices { lastBacking[k] = 0 }
  }

  private func endFrame(_ take: StereoBlock) {
    if position < take.frameCount {
      switch pass {
      case .levels: addLevels(take)
      case .spectra: if isPause.indices.contains(frame) { addSpectra(take) }
      case .reduction: reduce(take)
      }
      frame += 1
    }
    position += spectrum.hop
    for i in 0..<spectrum.length - spectrum.hop { pending[i] = pending[i + spectrum.hop] }
    filled = spectrum.length - spectrum.hop
  }

  // MARK: Levels

  private func addLevels(_ take: StereoBlock) {
    let start = max(0, position)
    let end = min(take.frameCount, position + spectrum.length)
    let count = end - start
    levels.append(
      (
        take:
          (sumOfSquares(take.left + start, count: count)
          + sumOfSquares(take.right + start, count: count)) / 2,
        backing: sumOfSquares(pending.pointer, count: spectrum.length)
      ))
  }

  /// Ends the first pass.
  ///
  /// - Returns: Whether there are pauses in which the backing could be heard; if not, it is not worth going on.
  public func endLevels(take: StereoBlock) -> Bool {
    finish(take)
    pass = .spectra
    let loudest = levels.reduce(0) { max($0, $1.backing) }
    // What is within 30 dB of the loudest frame, and where the take is not switched off.
    let sounding = levels.indices.filter {
      levels[$0].backing > 1e-3 * loudest && levels[$0].take > 1e-9 * levels[$0].backing
    }
    let ratios = sounding.map { levels[$0].take / levels[$0].backing }.sorted()
    guard ratios.count >= Self.leastPauses else { return false }
    let limit = ratios[
      min(ratios.count - 1, max(Self.leastPauses, Int(Double(ratios.count) * Self.pauseShare)))]
    isPause = [Bool](repeating: false, count: levels.count)
    for frame in sounding where levels[frame].take / levels[frame].backing <= limit {
      isPause[frame] = true
    }
    return true
  }

  // MARK: Spectra

  /// Transforms a frame of the take beside one of the backing.
  private func loadBoth(_ take: StereoBlock) {
    let count = spectrum.length
    for i in 0..<count {
      let place = position + i
      let isInside = place >= 0 && place < take.frameCount
      mono[i] = isInside ? (take.left[place] + take.right[place]) / 2 : 0
    }
    spectrum.load(left: mono.pointer, right: pending.pointer, count: count, at: 0)
  }

  private func addSpectra(_ take: StereoBlock) {
    loadBoth(take)
    for k in 0..<spectrum.binCount {
      let (y, x) = spectrum.spectra(k)
      let backing = x.real * x.real + x.imaginary * x.imaginary
      lastBacking[k] = backing + Self.decay * lastBacking[k]
      guard isPause[frame] else { continue }
      // The loudness of a frame must not decide what it counts.
      let weight = 1 / max(levels[frame].backing, 1e-20)
      sums.take[k] += Double(weight * (y.real * y.real + y.imaginary * y.imaginary))
      sums.backing[k] += Double(weight * backing)
      sums.room[k] += Double(weight * lastBacking[k])
      sums.real[k] += Double(weight * (y.real * x.real + y.imaginary * x.imaginary))
      sums.imaginary[k] += Double(weight * (y.imaginary * x.real - y.real * x.imaginary))
    }
  }

  /// Ends the second pass.
  ///
  /// - Returns: The backing in the take; nil where it is not heard.
  public func endSpectra(take: StereoBlock) -> Bleed? {
    finish(take)
    pass = .reduction
    let pauses = Double(isPause.reduce(0) { $0 + ($1 ? 1 : 0) })
    // Of signals that have nothing in common, as much of the power is coherent by chance; frames that overlap by
    // three quarters count for half.
    let chance = 4 / max(pauses, 1)
    var transfer = [Float](repeating: 0, count: spectrum.binCount)
    var (bleed, backing, coherentAll, takeAll) = (0.0, 0.0, 0.0, 0.0)
    for band in bands() {
      var (coherent, all) = (0.0, 0.0)
      for k in band where sums.backing[k] > 0 {
        coherent +=
          (sums.real[k] * sums.real[k] + sums.imaginary[k] * sums.imaginary[k]) / sums.backing[k]
        all += sums.take[k]
      }
      backing += band.reduce(0) { $0 + sums.backing[$1] }
      takeAll += all
      coherentAll += coherent
      guard all > 0, coherent / all > Self.leastCoherence + chance else { continue }
      bleed += all
      for k in band {
        let near = max(0, k - 2)...min(spectrum.binCount - 1, k + 2)
        let room = near.reduce(0) { $0 + sums.room[$1] }
        guard room > 0 else { continue }
        transfer[k] = Float(near.reduce(0) { $0 + sums.take[$1] } / room)
      }
    }
    guard bleed > 0.1 * takeAll, backing > 0 else { return nil }
    self.transfer = transfer
    return Bleed(
      levelDB: Decibels.level(power: bleed / backing), share: coherentAll / takeAll,
      transfer: transfer)
  }

  /// The bins of bands that grow with frequency.
  private func bands() -> [Range<Int>] {
    let binHz = sampleRate / Double(spectrum.length)
    let highest = min(16_000, 0.45 * sampleRate)
    // From 60 Hz.
    let ratio = Elementary.exp(Elementary.log(highest / 60) / Double(Self.bandCount))
    var bands: [Range<Int>] = []
    var hertz = 60.0
    for _ in 0..<Self.bandCount {
      let first = max(bands.last?.upperBound ?? 1, Int((hertz / binHz).rounded()))
      hertz *= ratio
      let end = min(spectrum.binCount, Int((hertz / binHz).rounded()))
      if end > first { bands.append(first..<end) }
    }
    return bands
  }

  // MARK: Reduction

  /// Begins the third pass.
  public func beginReduction(reductionDB: Double) {
    // A short memory: drums come without notice.
    gate = DecisionDirectedGate(
      binCount: spectrum.binCount, reductionDB: reductionDB, memory: 0.9)
  }

  /// Ends the third pass.
  public func endReduction(take: StereoBlock) { finish(take) }

  private func reduce(_ take: StereoBlock) {
    loadBoth(take)
    for k in 0..<spectrum.binCount {
      let x = spectrum.spectra(k).second
      lastBacking[k] =
        x.real * x.real + x.imaginary * x.imaginary + Self.decay * lastBacking[k]
      unwanted[k] = Self.caution * transfer[k] * lastBacking[k]
    }
    spectrum.load(take, at: position)
    spectrum.powers(into: &powers)
    gate?.process(powers: powers, unwanted: unwanted, into: &gains)
    spectrum.store(gains, to: take, at: position)
  }
}
