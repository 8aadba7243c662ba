// SPDX-License-Identifier: MIT

/// Four all-pass filters in a row (Schroeder 1962), which turn an impulse into a dense cluster.
///
/// Arranged as the input of Dattorro's plate (JAES 45, 1997), with delays and gains short enough that the
/// cluster is over in a third of the shortest reverberation time.
final class Diffuser {
  private let lines: [DelayLine]
  private let delays: [Int]
  private let gains: [Float] = [0.65, 0.65, 0.6, 0.6]
  private let stored: Storage<Float>

  /// The longest run that it can process at once.
  let maximumRun: Int

  /// - Parameter scale: Stretches the delays, so that two channels differ.
  init(sampleRate: Double, scale: Double, run: Int) {
    delays = [142.0, 107, 211, 177].map {
      Primes.next(from: Int($0 / 29_761 * scale * sampleRate))
    }
    let shortest = delays.min() ?? 1
    let run = min(run, shortest)
    maximumRun = run
    lines = delays.map { DelayLine(maximumDelay: $0, maximumRun: run) }
    stored = Storage(count: run, repeating: 0)
  }

  func reset() {
    for line in lines { line.reset() }
  }

  /// Changes at most `maximumRun` samples in place.
  func process(_ samples: UnsafeMutablePointer<Float>, _ count: Int) {
    let stored = stored.pointer
    for index in lines.indices {
      let gain = gains[index]
      let delayed = lines[index].past(delay: delays[index])
      for i in 0..<count { stored[i] = samples[i] - gain * delayed[i] }
      for i in 0..<count { samples[i] = delayed[i] + gain * stored[i] }
      lines[index].write(stored, count)
    }
  }
}

/// Prime numbers, which delays are so that their echoes do not coincide.
enum Primes {
  /// The smallest prime that is at least `number` and 2.
  static func next(from number: Int) -> Int {
    var candidate = max(2, number)
    while !isPrime(candidate) { candidate += 1 }
    return candidate
  }

  private static func isPrime(_ number: Int) -> Bool {
    var divisor = 2
    while divisor * divisor <= number {
      if number % divisor == 0 { return false }
      divisor += 1
    }
    return true
  }
}
