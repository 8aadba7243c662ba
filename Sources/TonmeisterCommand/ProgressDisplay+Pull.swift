// SPDX-License-Identifier: MIT
import Foundation
import ModelStore

extension ProgressDisplay {
  /// One line of `--progress json`.
  private struct PullLine: Encodable {
    var event = "progress"
    var file: String
    var number: Int
    var files: Int
    var fraction: Double?
    var bytes: Int
    var totalBytes: Int?
  }

  /// Shows the progress of a download.
  mutating func show(_ progress: PullProgress) {
    let megabytes = Double(progress.bytesDone) / 1e6
    let total = progress.bytesTotal.map { String(format: " of %.1f", Double($0) / 1e6) } ?? ""
    let percent = progress.fraction.map { String(format: "%3.0f %%, ", $0 * 100) } ?? ""
    show(
      Step(
        file: progress.file, fraction: progress.fraction,
        // Where the size is unknown, a line for every ten megabytes.
        tenths: progress.fraction.map { Int($0 * 10) } ?? Int(megabytes / 10),
        summary: percent + String(format: "%.1f", megabytes) + total
          + " MB, file \(progress.number) of \(progress.fileCount)",
        line: PullLine(
          file: progress.file, number: progress.number, files: progress.fileCount,
          fraction: progress.fraction, bytes: progress.bytesDone, totalBytes: progress.bytesTotal)))
  }
}
