// SPDX-License-Identifier: MIT

/// A sentence that ends a command.
struct CommandError: Error, CustomStringConvertible {
  let message: String

  var description: String { message }
}
