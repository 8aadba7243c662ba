// SPDX-License-Identifier: MIT

/// Computes the spectral features of a recording from mono at 22,050 Hz, block by block.
///
/// ```swift
/// let extractor = SpectralFeatureExtractor()
/// samples.withUnsafeBufferPointer { extractor.process($0) }
/// let features = extractor.finish()
/// print(features.centroidHz.mean, features.key?.key.name ?? "no key")
/// ```
///
/// The size of the blocks does not change the result. Of the samples only the last 2048 are kept, of the frames 150
/// numbers each, most of them the mel spectrogram: 1.6 MB a minute. Used by one task at a time.
public final class SpectralFeatureExtractor {
  /// The sample rate in Hz.
  public static let sampleRate = 22_050
  /// The samples of a frame.
  public static let frameLength = 2048
  /// The samples from one frame to the next.
  public static let hopLength = 512

  private static let half = frameLength / 2
  private static let binCount = frameLength / 2 + 1
  private static let capacity = 8 * frameLength
  /// What is larger cannot be meant: 96 dB over full scale.
  private static let largestMagnitude: Float = 65_536

  private let keepsSeries: Bool
  private let transform = RealFourierTransform(count: frameLength)
  private let mel = MelFilterBank(
    bandCount: MelAnalysis.bandCount, sampleRate: Double(sampleRate), frameLength: frameLength)
  private let chroma = ChromaFilterBank(
    sampleRate: Double(sampleRate), frameLength: frameLength)
  private let contrast = SpectralContrast(
    sampleRate: Double(sampleRate), frameLength: frameLength)
  private let shape = SpectralShape(sampleRate: Double(sampleRate), frameLength: frameLength)
  private let window: [Float] = periodicHann(frameLength)

  private let pending = Storage<Float>(count: capacity, repeating: 0)
  private var pendingStart = 0
  /// Half a frame of silence is there from the beginning.
  private var pendingEnd = half
  private let windowed = Storage<Float>(count: frameLength, repeating: 0)
  private let powers = Storage<Float>(count: binCount, repeating: 0)
  private let magnitudes = Storage<Float>(count: binCount, repeating: 0)
  private let values = Storage<Float>(count: MelAnalysis.bandCount, repeating: 0)

  private var sampleCount = 0
  private var series = SpectralSeries()
  private var peaksDB: [Float] = []  // (frames, 7)
  private var valleysDB: [Float] = []  // (frames, 7)
  private var chromaSums = [Double](repeating: 0, count: ChromaFilterBank.classCount)

  /// An extractor that has heard nothing.
  ///
  /// - Parameter keepsSeries: Whether the features hold the values of every frame too.
  public init(keepsSeries: Bool = false) { self.keepsSeries = keepsSeries }

  /// Listens to the next samples; what is not a number counts as 0.
  public func process(_ samples: UnsafeBufferPointer<Float>) {
    guard let base = samples.baseAddress else { return }
    var start = 0
    while start < samples.count {
      makeRoom()
      let count = min(samples.count - start, Self.capacity - pendingEnd)
      let place = pending.pointer + pendingEnd
      for i in 0..<count {
        let x = base[start + i]
        // Comparisons with what is not a number are false.
        place[i] = abs(x) <= Self.largestMagnitude ? x : 0
      }
      pendingEnd += count
      sampleCount += count
      start += count
      while pendingEnd - pendingStart >= Self.frameLength { addFrame() }
    }
  }

  /// Counts the last frames too and computes the features; to be called once, at the end.
  public func finish() -> SpectralFeatures {
    let frameCount = sampleCount == 0 ? 0 : 1 + sampleCount / Self.hopLength
    makeRoom()
    (pending.pointer + pendingEnd).update(repeating: 0, count: Self.half)
    pendingEnd += Self.half
    while series.frameCount < frameCount { addFrame() }
    return features()
  }

  private func makeRoom() {
    guard pendingEnd + Self.half > Self.capacity else { return }
    let count = pendingEnd - pendingStart
    pending.pointer.update(from: pending.pointer + pendingStart, count: count)
    (pendingStart, pendingEnd) = (0, count)
  }

  private func addFrame() {
    let frame = UnsafePointer(pending.pointer + pendingStart)
    addWaveform(frame)
    let (windowed, powers, magnitudes) = (
      windowed.pointer, powers.pointer, magnitudes.pointer
    )
    for i in 0..<Self.frameLength { windowed[i] = frame[i] * window[i] }
    transform.powers(of: windowed, into: powers)
    for bin in 0..<Self.binCount { magnitudes[bin] = powers[bin].squareRoot() }
    let (centroid, bandwidth) = shape.centroidAndBandwidth(magnitudes)
    series.centroidHz.append(centroid)
    series.bandwidthHz.append(bandwidth)
    series.rollOffHz.append(shape.rollOff(magnitudes))
    series.flatness.append(shape.flatness(powers))
    series.flux.append(shape.flux(magnitudes))
    let bands = SpectralContrast.bandCount
    contrast.apply(magnitudes, peaks: values.pointer, valleys: values.pointer + bands)
    peaksDB += UnsafeBufferPointer(start: values.pointer, count: bands)
    valleysDB += UnsafeBufferPointer(start: values.pointer + bands, count: bands)
    chroma.apply(powers, into: values.pointer)
    for index in chromaSums.indices { chromaSums[index] += Double(values[index]) }
    if keepsSeries {
      series.chroma += UnsafeBufferPointer(start: values.pointer, count: chromaSums.count)
    }
    mel.apply(powers, into: values.pointer)
    series.melPowers += UnsafeBufferPointer(start: values.pointer, count: MelAnalysis.bandCount)
    series.frameCount += 1
    pendingStart += Self.hopLength
  }

  /// Level and sign changes; the silence around the recording has no sign.
  private func addWaveform(_ frame: UnsafePointer<Float>) {
    let energy = sumOfSquares(frame, count: Self.frameLength)
    series.rms.append((energy / Float(Self.frameLength)).squareRoot())
    let position = series.frameCount * Self.hopLength - Self.half
    let first = max(0, -position)
    let end = min(Self.frameLength, sampleCount - position)
    // librosa takes what is smaller than 1e-10 for 0, and 0 for positive.
    let threshold: Float = -1e-10
    var changes: Int32 = 0
    var i = first + 1
    while i < end {
      changes &+= (frame[i] < threshold) != (frame[i - 1] < threshold) ? 1 : 0
      i += 1
    }
    series.zeroCrossingRate.append(Float(changes) / Float(Self.frameLength))
  }

  private func features() -> SpectralFeatures {
    let frameCount = series.frameCount
    let (mfcc, onsets) = MelAnalysis().analyse(series.melPowers)
    clip(&peaksDB)
    clip(&valleysDB)
    let contrastDB = peaksDB.indices.map { peaksDB[$0] - valleysDB[$0] }
    let melPowers = (0..<MelAnalysis.bandCount).map {
      SpectralFeatures.Summary(series.melPowers, from: $0, step: MelAnalysis.bandCount).mean
    }
    let chroma = chromaSums.map { $0 / Double(max(1, frameCount)) }
    if keepsSeries {
      series.contrastDB = contrastDB
      series.mfcc = mfcc
      series.onsetStrength = onsets
    }
    return SpectralFeatures(
      frameCount: frameCount, rms: .init(series.rms),
      zeroCrossingRate: .init(series.zeroCrossingRate), centroidHz: .init(series.centroidHz),
      bandwidthHz: .init(series.bandwidthHz), rollOffHz: .init(series.rollOffHz),
      flatness: .init(series.flatness), flux: .init(series.flux),
      contrastDB: (0..<SpectralContrast.bandCount).map {
        .init(contrastDB, from: $0, step: SpectralContrast.bandCount)
      },
      mfcc: (0..<MelAnalysis.coefficientCount).map {
        .init(mfcc, from: $0, step: MelAnalysis.coefficientCount)
      },
      melPowers: melPowers, melSpectrogram: MelSpectrogram(series.melPowers),
      onsetStrength: .init(onsets),
      tempo: TempoEstimator.estimate(
        onsets, frameRate: Double(Self.sampleRate) / Double(Self.hopLength)),
      chroma: chroma, key: KeyEstimate(chroma: chroma), series: keepsSeries ? series : nil)
  }

  /// Raises what is too far below the largest value.
  private func clip(_ decibels: inout [Float]) {
    var largest = -Float.infinity
    for value in decibels { largest = max(largest, value) }
    let floor = largest - decibelRange
    for index in decibels.indices { decibels[index] = max(decibels[index], floor) }
  }
}
