// SPDX-License-Identifier: MIT
import NeuralNetwork
import Testing

/// Fourier transforms against PyTorch, on every instruction set.
@Suite struct TransformTests {
  let fixtures: LayerFixtures

  init() throws { fixtures = try LayerFixtures() }

  @Test(arguments: plans)
  func theTransformAlongFramesIsPyTorchs(_ options: PlanOptions) throws {
    let plan = options.plan
    let transform = try RealFourierTransform(rows: 3, frames: 22, channels: 5, in: plan)
    let input = try fixtures["fourier.input"]
    let spectrum = try fixtures["fourier.spectrum"]
    let executor = try Executor(plan)
    executor.begin()
    let forward = output(3 * 12 * 10) { transform.forward(input, $0, on: executor) }
    #expect(relativeError(forward, try fixtures["fourier.output"]) < 1e-6)
    let inverse = output(input.count) { transform.inverse(spectrum, $0, on: executor) }
    #expect(relativeError(inverse, try fixtures["fourier.inverse"]) < 1e-6)
  }

  struct Case: Sendable {
    let name: String
    let length: Int
    let windowLength: Int
    let isNormalized: Bool
  }

  static let cases = [
    Case(name: "rectangular", length: 64, windowLength: 64, isNormalized: true),
    Case(name: "hann", length: 128, windowLength: 128, isNormalized: true),
    Case(name: "short", length: 128, windowLength: 96, isNormalized: false),
  ]

  @Test(arguments: plans, cases)
  func aSpectrogramAndItsInverseArePyTorchs(_ options: PlanOptions, of parameters: Case) throws {
    let name = "stft.\(parameters.name)"
    let hop = parameters.length / 4
    let plan = options.plan
    let transform = try ShortTimeFourierTransform(
      sampleCount: 19 * hop, length: parameters.length, hop: hop,
      windowLength: parameters.windowLength,
      window: parameters.name == "rectangular" ? .rectangular : .hann,
      isNormalized: parameters.isNormalized, in: plan)
    let executor = try Executor(plan)
    executor.begin()
    var padded = [Float](repeating: .nan, count: 4 * transform.paddedCount)
    let input = try fixtures["\(name).input"]
    let expected = try fixtures["\(name).output"]
    let spectrogram = output(expected.count) {
      transform.forward(
        input, inputStride: 19 * hop, inputCount: 19 * hop, padded: &padded, $0, on: executor)
    }
    #expect(relativeError(spectrogram, expected) < 1e-6)

    let masks = try fixtures["\(name).masks"]
    let count = 18 * hop
    for key in ["masked", "scaled"] {
      let audio = expected.withUnsafeBufferPointer { mixture in
        output(4 * count) { target in
          guard let mixture = mixture.baseAddress else { return }
          transform.inverse(
            masks, signals: 2,
            preparation: key == "masked" ? .multiply(mixture) : .scale(2, shift: 0.25),
            padded: &padded, target, outputCount: count, on: executor)
        }
      }
      let reference = try fixtures["\(name).\(key)"]
      let cut = (0..<4).flatMap { reference[$0 * 19 * hop..<$0 * 19 * hop + count] }
      #expect(relativeError(audio, cut) < 1e-6)
    }
  }

  @Test(arguments: plans)
  func framesBetweenHopsAreThoseOfDemucs(_ options: PlanOptions) throws {
    let frames = 21 * 32 - 5
    let plan = options.plan
    let transform = try ShortTimeFourierTransform(
      sampleCount: frames, length: 128, hop: 32, windowLength: 128, window: .hann,
      isNormalized: true, framing: .betweenHops, in: plan)
    let executor = try Executor(plan)
    executor.begin()
    var padded = [Float](repeating: .nan, count: 2 * transform.paddedCount)
    let input = try fixtures["stft.between.input"]
    let expected = try fixtures["stft.between.output"]
    let spectrogram = output(expected.count) {
      transform.forward(
        input, inputStride: frames, inputCount: frames, padded: &padded, $0, on: executor)
    }
    #expect(relativeError(spectrogram, expected) < 1e-6)
    let audio = output(2 * frames) {
      transform.inverse(
        expected, signals: 1, preparation: .scale(2, shift: 0.25), padded: &padded, $0,
        outputCount: frames, on: executor)
    }
    #expect(relativeError(audio, try fixtures["stft.between.scaled"]) < 1e-6)
  }

  @Test func audioIsPaddedWithSilence() throws {
    let plan = NetworkPlan()
    let transform = try ShortTimeFourierTransform(
      sampleCount: 1024, length: 256, hop: 64, windowLength: 256, window: .hann,
      isNormalized: false, in: plan)
    let executor = try Executor(plan)
    var padded = [Float](repeating: .nan, count: 2 * transform.paddedCount)
    let ones = [Float](repeating: 1, count: 2 * 300)
    var zeros = [Float](repeating: 0, count: 2 * 1024)
    zeros.replaceSubrange(0..<300, with: ones[..<300])
    zeros.replaceSubrange(1024..<1324, with: ones[..<300])
    let count = transform.binCount * transform.frameCount * 4
    let short = output(count) {
      transform.forward(ones, inputStride: 300, inputCount: 300, padded: &padded, $0, on: executor)
    }
    let full = output(count) {
      transform.forward(
        zeros, inputStride: 1024, inputCount: 1024, padded: &padded, $0, on: executor)
    }
    #expect(short == full)
  }

  @Test func impossibleTransformsAreRefused() {
    #expect(throws: NeuralNetworkError.self) {
      try ShortTimeFourierTransform(
        sampleCount: 4000, length: 1000, hop: 250, windowLength: 1000, window: .hann,
        isNormalized: true, in: NetworkPlan())
    }
    #expect(throws: NeuralNetworkError.self) {  // windows that do not touch
      try ShortTimeFourierTransform(
        sampleCount: 4096, length: 1024, hop: 1024, windowLength: 128, window: .rectangular,
        isNormalized: true, in: NetworkPlan())
    }
    #expect(throws: NeuralNetworkError.self) {
      try RealFourierTransform(rows: 1, frames: 7, channels: 1, in: NetworkPlan())
    }
  }
}
