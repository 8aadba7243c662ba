// SPDX-License-Identifier: MIT
import Glibc

/// Keeps a result from taking the place of what it is made from.
enum OutputCheck {
  /// Throws `invalidOption` if the output is one of the inputs, by whatever name.
  static func check(_ output: String, inputs: [String]) throws(VocalPreparationError) {
    var (first, second) = (stat(), stat())
    guard stat(output, &first) == 0 else { return }
    for input in inputs where stat(input, &second) == 0 {
      if first.st_dev == second.st_dev, first.st_ino == second.st_ino {
        throw VocalPreparationError(
          code: .invalidOption,
          message: "The output \(output) is the same file as \(input); choose another name.")
      }
    }
  }
}
