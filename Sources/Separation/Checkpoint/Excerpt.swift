// SPDX-License-Identifier: MIT

extension StringProtocol {
  /// The first 100 characters, without control characters, for messages about a file's strings.
  var excerpt: String {
    var scalars = String.UnicodeScalarView()
    for scalar in unicodeScalars.prefix(100) {
      let isShown = scalar.properties.generalCategory != .control && scalar != "\u{2028}"
      scalars.append(isShown ? scalar : "\u{fffd}")
    }
    return String(scalars)
  }
}
