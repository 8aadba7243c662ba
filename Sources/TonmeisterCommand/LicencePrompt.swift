// SPDX-License-Identifier: MIT
import Foundation
import ModelStore

/// Shows a licence and sees to it that it is accepted, once.
struct LicencePrompt {
  let console: Console
  var accepted = AcceptedLicences()

  /// - Parameter isAccepted: Whether the command line accepts it.
  func settle(_ licence: Licence, isAccepted: Bool) throws(CommandError) {
    console.note("Licence: \(licence.notice)")
    if accepted.contains(licence) { return }
    guard isAccepted || isAcceptedByTyping else {
      throw CommandError(
        message: "The licence has not been accepted; repeat the command with --accept-licence.")
    }
    do {
      try accepted.insert(licence, date: .now)
    } catch {
      console.warning(error.message)
    }
  }

  /// Asks, where there is somebody to ask.
  private var isAcceptedByTyping: Bool {
    guard console.hasTerminal, isatty(STDIN_FILENO) == 1 else { return false }
    console.draw("Type “yes” to accept it: ")
    return readLine()?.lowercased() == "yes"
  }
}
