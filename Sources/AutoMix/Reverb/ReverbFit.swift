// SPDX-License-Identifier: MIT
import Audio
import Dispatch
public import MixCore
import Foundation
import Synchronization

/// Finds the room of a plan that answers an impulse most like a measured one.
///
/// A genetic search, as Li (2022) fitted a feedback delay network to responses, over decays, crossovers, pre-delay,
/// early reflections, width and filters; the gain follows. What is made small is the mean difference of the
/// spectrograms in half octaves in dB, plus 10 dB times the mean relative error of the reverberation times in octaves. The
/// first generation stands around the times that were measured, so that few generations do. The same response,
/// options and seed give the same room, whatever the number of threads.
///
/// The room has three decays and echoes of its own; a response with flutter, resonances or two slopes is only
/// approached.
public struct ReverbFit: Sendable, Equatable {
  /// How much is searched.
  public struct Options: Sendable, Equatable {
    /// How many generations there are, 0 to 1000.
    public var generationCount = 30
    /// How many rooms there are in each, 4 to 1000.
    public var populationCount = 32
    /// What chance begins with.
    public var seed: UInt64 = 1
    /// How many threads work; 0 for one per core.
    public var jobs = 0

    /// The standards.
    public init() {}
  }

  /// How far a search has come.
  public struct Progress: Sendable, Equatable {
    /// The generations that are done.
    public var generation: Int
    /// How many there will be.
    public var generationCount: Int
    /// The distance of the best room's spectrogram so far in dB.
    public var distanceDB: Double
  }

  /// The room.
  public let room: Reverb
  /// The mean difference of its spectrogram and the response's in dB.
  public let distanceDB: Double
  /// The same of the standard room, at its best gain.
  public let standardDistanceDB: Double
  /// The reverberation times of the response.
  public let measured: DecayMeasurement
  /// The reverberation times of what the room answers.
  public let fitted: DecayMeasurement

  /// Searches; blocks until that is done.
  ///
  /// - Parameters:
  ///   - isCancelled: Asked for every room.
  ///   - report: Told after every generation, by the calling thread.
  /// - Throws: ``AutoMixError`` with the code `invalidOption` or `cancelled`.
  public init(
    _ response: ImpulseResponse, options: Options = Options(),
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled },
    report: (Progress) -> Void = { _ in }
  ) throws(AutoMixError) {
    guard (0...1000).contains(options.generationCount),
      (4...1000).contains(options.populationCount), options.jobs >= 0
    else {
      throw AutoMixError(
        code: .invalidOption,
        message:
          "\(options.generationCount) generations of \(options.populationCount) rooms cannot be "
          + "searched; give 0 to 1000 of 4 to 1000.")
    }
    measured = DecayMeasurement(response.audio, sampleRate: response.sampleRate)
    guard measured.broadband != nil else {
      throw AutoMixError(
        code: .invalidOption,
        message:
          "No decay was found in it, so that it is not the response of a room; give one that "
          + "begins with its direct sound and dies away by 25 dB at least.")
    }
    var search = Search(
      target: ReverbTarget(response), options: options, isCancelled: isCancelled)
    try search.begin(around: Self.guess(response, measured))
    report(search.progress(0))
    for generation in 0..<options.generationCount {
      try search.breed(generation)
      report(search.progress(generation + 1))
    }
    guard let best = search.scored.first else {
      throw AutoMixError(code: .invalidOption, message: "There is no room to choose from.")
    }
    room = Self.rounded(best.genes.room, gainDB: best.score.gainDB, measured)
    distanceDB = best.score.distanceDB
    standardDistanceDB = search.target.score(Reverb()).distanceDB
    let seconds = max(response.seconds, 1.2 * (measured.broadband?.seconds ?? 0))
    fitted = DecayMeasurement(
      ReverbTarget.render(
        room, sampleRate: response.sampleRate,
        frameCount: Int(min(ImpulseResponse.maximumSeconds, seconds) * Double(response.sampleRate))),
      sampleRate: response.sampleRate)
  }

  /// Searches on threads of its own; stops when the task is cancelled.
  ///
  /// - Throws: ``AutoMixError`` with the code `invalidOption` or `cancelled`.
  public static func searching(
    _ response: ImpulseResponse, options: Options = Options(),
    report: @escaping @Sendable (Progress) -> Void = { _ in }
  ) async throws(AutoMixError) -> ReverbFit {
    try await onOwnThread { (signal) throws(AutoMixError) in
      try ReverbFit(
        response, options: options, isCancelled: { signal.isCancelled }, report: report)
    }
  }

  /// A room by what can be measured at once.
  private static func guess(_ response: ImpulseResponse, _ measured: DecayMeasurement) -> Reverb {
    var room = Reverb()
    let mid = measured.mid ?? measured.broadband?.seconds ?? room.decayMidSeconds
    room.decayMidSeconds = Reverb.decayMid.clamp(mid)
    room.decayLowSeconds = Reverb.decayLow.clamp(measured.low ?? mid)
    room.decayHighSeconds = Reverb.decayHigh.clamp(measured.high ?? mid)
    // The first moment that is less than 30 dB under the loudest; early reflections come 4.3 ms after the
    // pre-delay.
    let audio = response.audio
    let threshold = 0.03 * audio.peak
    let onset =
      (0..<audio.frameCount).first {
        max(abs(audio.samples[$0]), abs(audio.samples[audio.frameCount + $0])) > threshold
      } ?? 0
    room.preDelayMilliseconds = Reverb.preDelay.clamp(
      1000 * Double(onset) / Double(response.sampleRate) - 4.3)
    return room
  }

  /// Numbers that a person can read.
  private static func rounded(
    _ room: Reverb, gainDB: Double, _ measured: DecayMeasurement
  ) -> Reverb {
    func round(_ value: Double, _ steps: Double) -> Double { (value * steps).rounded() / steps }
    var room = room
    room.decayLowSeconds = Reverb.decayLow.clamp(round(room.decayLowSeconds, 1000))
    room.decayMidSeconds = Reverb.decayMid.clamp(round(room.decayMidSeconds, 1000))
    room.decayHighSeconds = Reverb.decayHigh.clamp(round(room.decayHighSeconds, 1000))
    room.crossoverLowHz = round(room.crossoverLowHz, 1)
    room.crossoverHighHz = round(room.crossoverHighHz, 1)
    room.preDelayMilliseconds = round(room.preDelayMilliseconds, 10)
    room.earlyDB = round(room.earlyDB, 10)
    room.width = round(room.width, 100)
    room.gainDB = round(gainDB, 10)
    room.highPass = room.highPass.map { PassFilter(frequencyHz: $0.frequencyHz.rounded()) }
    room.lowPass = room.lowPass.map { PassFilter(frequencyHz: $0.frequencyHz.rounded()) }
    room.because["decayMid"] =
      measured.mid.map { "measured \((($0 * 100).rounded() / 100)) s from 354 to 2828 Hz" }
    room.because["gain"] = "as loud as the measured room"
    return room
  }
}

// MARK: - Search

extension ReverbFit {
  /// A population that breeds.
  private struct Search {
    let target: ReverbTarget
    let options: Options
    let isCancelled: @Sendable () -> Bool
    private var random: SplitMix64
    /// The rooms of the last generation, the best first.
    private(set) var scored: [(genes: ReverbGenes, score: ReverbTarget.Score)] = []

    init(
      target: ReverbTarget, options: Options, isCancelled: @escaping @Sendable () -> Bool
    ) {
      self.target = target
      self.options = options
      self.isCancelled = isCancelled
      random = SplitMix64(seed: options.seed)
    }

    func progress(_ generation: Int) -> Progress {
      Progress(
        generation: generation, generationCount: options.generationCount,
        distanceDB: scored.first?.score.distanceDB ?? .infinity)
    }

    /// The first generation: the guess, the standard room, and what lies around the guess.
    mutating func begin(around guess: Reverb) throws(AutoMixError) {
      let center = ReverbGenes(guess)
      var population = [center, ReverbGenes(Reverb())]
      while population.count < options.populationCount {
        var genes = center
        genes.mutate(probability: 1, scale: 1.5, &random)
        // Values that nothing was measured of come from anywhere.
        for index in [3, 4, 6, 7, 8, 9] where Bool.random(using: &random) {
          genes.values[index] = Double.random(in: 0...1, using: &random)
        }
        population.append(genes)
      }
      scored = try evaluate(population)
    }

    /// The best two stay; the others are children of winners of tournaments among three.
    mutating func breed(_ generation: Int) throws(AutoMixError) {
      let scale = Decibels.amplitude(-26 * Double(generation) / Double(options.generationCount))
      var children: [ReverbGenes] = []
      while children.count < options.populationCount - 2 {
        var child = winner().crossed(with: winner(), &random)
        child.mutate(probability: 0.35, scale: scale, &random)
        children.append(child)
      }
      let best = scored.prefix(2)
      scored = Self.ranked(best + (try evaluate(children)))
    }

    private mutating func winner() -> ReverbGenes {
      // The population is in order, so that the smallest index wins.
      let index = (0..<3).reduce(scored.count - 1) { best, _ in
        min(best, Int.random(in: 0..<scored.count, using: &random))
      }
      return scored[index].genes
    }

    private static func ranked(
      _ rooms: some Sequence<(genes: ReverbGenes, score: ReverbTarget.Score)>
    ) -> [(genes: ReverbGenes, score: ReverbTarget.Score)] {
      rooms.sorted { $0.score.fitness < $1.score.fitness }
    }

    private func evaluate(
      _ population: [ReverbGenes]
    ) throws(AutoMixError) -> [(genes: ReverbGenes, score: ReverbTarget.Score)] {
      let scores = Mutex([ReverbTarget.Score?](repeating: nil, count: population.count))
      let next = Mutex(0)
      let cores =
        options.jobs == 0 ? ProcessInfo.processInfo.activeProcessorCount : options.jobs
      let (target, isCancelled) = (target, isCancelled)
      DispatchQueue.concurrentPerform(iterations: max(1, min(cores, population.count))) { _ in
        while !isCancelled() {
          let index = next.withLock { next in
            defer { next += 1 }
            return next
          }
          guard index < population.count else { return }
          let score = target.score(population[index].room)
          scores.withLock { $0[index] = score }
        }
      }
      let all = scores.withLock { $0.compactMap { $0 } }
      // The workers belong to no task; the thread that waits for them may.
      guard all.count == population.count, !isCancelled() else {
        throw AutoMixError(code: .cancelled, message: "The search was cancelled.")
      }
      return Self.ranked(zip(population, all).map { (genes: $0, score: $1) })
    }
  }
}
