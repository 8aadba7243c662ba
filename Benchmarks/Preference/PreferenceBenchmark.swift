// SPDX-License-Identifier: MIT
import MixCore

/// Lets simulated listeners save mixes and measures how far the next proposals are from what they
/// would like.
@main
struct PreferenceBenchmark {
  static let listenerCount = 200
  static let testCount = 20
  static let songCounts = [1, 3, 5, 10, 30]

  /// What is compared.
  enum Method: Int, CaseIterable {
    case none, network, retrained, residual

    var name: String {
      switch self {
      case .none: "no learning"
      case .network: "network, 5 epochs a song"
      case .retrained: "network, retrained too"
      case .residual: "residual learner"
      }
    }
  }

  /// (tastes, methods, song counts): sums of errors in dB.
  private var errors = [Double](
    repeating: 0, count: Taste.allCases.count * Method.allCases.count * songCounts.count)

  private func place(_ taste: Int, _ method: Method, _ count: Int) -> Int {
    (taste * Method.allCases.count + method.rawValue) * Self.songCounts.count + count
  }

  /// The life of one listener.
  private mutating func run(_ taste: Taste, _ tasteIndex: Int, scatter: Double, seed: UInt64) {
    var draw = Draw(random: SplitMix64(seed: seed))
    var listener = SimulatedListener(taste, scatter: scatter, &draw)
    var network = PreferenceNetwork(seed: seed)
    var retrained = network
    var edits: [MixEdit] = []
    var examples: [PreferenceNetwork.Example] = []
    for song in 1...(Self.songCounts.last ?? 0) {
      guard let proposal = listener.nextSong(&draw), let proposed = StemGains(proposal.gains),
        let kept = StemGains(listener.edit(proposal, &draw))
      else { return }
      edits.append(MixEdit(features: proposal.features, proposed: proposed, kept: kept))
      let example = PreferenceNetwork.Example(features: proposal.features, gains: kept)
      examples.append(example)
      network.learn(example)
      retrained.learn(example)
      retrained.retrain(examples)
      listener.liveOn(&draw)
      guard let count = Self.songCounts.firstIndex(of: song) else { continue }
      let residual = ResidualLearner(edits)
      for _ in 0..<Self.testCount {
        guard let next = listener.nextSong(&draw) else { return }
        let wish = listener.wish(next)
        func add(_ method: Method, _ gains: [Double]) {
          for stem in 0..<4 {
            errors[place(tasteIndex, method, count)] +=
              abs(gains[stem] - wish[stem]) / Double(4 * Self.testCount)
          }
        }
        add(.none, next.gains)
        add(.network, network.gains(for: next.features).values)
        add(.retrained, retrained.gains(for: next.features).values)
        add(
          .residual,
          StemGains.stems.indices.map {
            next.gains[$0]
              + (residual.preference(.gain, of: StemGains.stems[$0], in: next.features)?.change
                ?? 0)
          })
      }
    }
  }

  private func report() {
    func row(_ cells: [String]) -> String {
      var line = cells[0] + String(repeating: " ", count: max(0, 12 - cells[0].count))
      line += cells[1] + String(repeating: " ", count: max(0, 26 - cells[1].count))
      for cell in cells[2...] {
        line += String(repeating: " ", count: max(0, 7 - cell.count)) + cell
      }
      return line
    }
    let perTaste = Double(Self.listenerCount / Taste.allCases.count)
    print(
      "Mean absolute error of the faders in dB after so many songs, \(Self.listenerCount) listeners"
    )
    print(row(["taste", "method"] + Self.songCounts.map { "\($0)" }))
    for method in Method.allCases {
      for taste in 0...Taste.allCases.count {
        let isAll = taste == Taste.allCases.count
        let cells = Self.songCounts.indices.map { count -> String in
          var sum = 0.0
          for index in isAll ? 0..<taste : taste..<taste + 1 {
            sum += errors[place(index, method, count)]
          }
          let error = sum / (isAll ? perTaste * Double(taste) : perTaste)
          let hundredths = Int((error * 100).rounded())
          return "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10)"
        }
        print(row([isAll ? "all" : Taste.allCases[taste].rawValue, method.name] + cells))
      }
    }
  }

  static func main() {
    for scatter in [1.0, 0] {
      print("Stems that move the proposals by \(scatter) dB (standard deviation).")
      var benchmark = PreferenceBenchmark()
      for index in 0..<listenerCount {
        let taste = index % Taste.allCases.count
        benchmark.run(
          Taste.allCases[taste], taste, scatter: scatter, seed: UInt64(1000 + index))
      }
      benchmark.report()
    }
  }
}
