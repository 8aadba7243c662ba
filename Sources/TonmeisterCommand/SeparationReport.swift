// SPDX-License-Identifier: MIT
import Foundation

/// What `tonmeister separate --json` prints.
struct SeparationReport: Encodable, Sendable {
  /// One song of the command line.
  struct Track: Encodable, Sendable {
    enum Status: String, Encodable, Sendable {
      case separated
      case skipped
      case failed
      case interrupted
    }

    var input: String
    var status: Status
    var error: String?
    var warnings: [String] = []
    /// Absolute paths by the name of the stem.
    var stems: [String: String] = [:]
    var sampleRate: Int?
    var frames: Int?
    /// The length of the song.
    var seconds: Double?
    var elapsedSeconds: Double?
    var timesRealTime: Double?
  }

  var model: String
  /// What the network multiplied in: `f32` or `bf16`.
  var precision: String
  var out: String
  var tracks: [Track] = []
  var peakMemoryBytes = 0
}

/// The largest resident memory of this process so far, in bytes.
///
/// `getrusage` also counts what the program that started this one held at that moment, so it is only
/// asked where /proc does not say.
func peakMemoryBytes() -> Int {
  if let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
    let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
    let kilobytes = line.split(whereSeparator: { !$0.isASCII || !$0.isNumber }).first,
    let count = Int(kilobytes)
  {
    return count * 1024
  }
  var usage = rusage()
  guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
  return usage.ru_maxrss * 1024
}
