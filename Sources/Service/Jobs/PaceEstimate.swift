// SPDX-License-Identifier: MIT

/// How long jobs take, from how long the latest took.
struct PaceEstimate: Sendable {
  /// Seconds of work per second of audio, by kind.
  private var pace: [JobKind: Double] = [:]
  /// What every job takes beside that, in seconds.
  private static let overhead = 0.5

  /// - Parameter measured: Of jobs that have ended; kinds that it lacks get a careful guess.
  init(measured: [JobKind: Double] = [:]) {
    for kind in JobKind.allCases { pace[kind] = measured[kind] ?? Self.guess(kind) }
  }

  private static func guess(_ kind: JobKind) -> Double {
    switch kind {
    case .separation: 0.1
    case .preparation: 0.2
    case .mix: 0.02
    }
  }

  /// The seconds that a job will take.
  func seconds(_ kind: JobKind, audioSeconds: Double) -> Double {
    Self.overhead + (pace[kind] ?? 0.1) * audioSeconds
  }

  /// The seconds until the job at a place, from 1, begins.
  ///
  /// - Parameter workers: How many jobs run at a time at least; more where more run.
  func wait(position: Int, in queue: QueueSnapshot, workers: Int) -> Double {
    let running = queue.running.reduce(0) { sum, job in
      sum
        + (job.secondsLeft ?? (1 - job.progress) * seconds(job.kind, audioSeconds: job.audioSeconds))
    }
    let ahead = queue.waiting.entries.prefix(max(0, position - 1)).reduce(0) {
      $0 + seconds($1.kind, audioSeconds: $1.audioSeconds)
    }
    return (running + ahead) / Double(max(1, workers, queue.running.count))
  }
}
