// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation

extension Interruption {
  /// Tells why the work of a command failed, and with which status the command ends.
  ///
  /// After a signal the program ends here, since a worker may still be in the middle of something.
  ///
  /// - Parameter interrupted: What to tell after a signal.
  func failure(_ error: any Error, interrupted: String, _ console: Console) -> ExitCode {
    if let signal = received {
      console.error(interrupted)
      fflush(nil)
      _exit(128 + signal)
    }
    console.error("\(error)")
    return .failure
  }
}
