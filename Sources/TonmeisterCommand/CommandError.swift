// SPDX-License-Identifier: MIT

/// A sentence that ends a command.
struct CommandError: Error {
  let message: String
}
