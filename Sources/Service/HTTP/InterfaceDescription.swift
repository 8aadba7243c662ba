// SPDX-License-Identifier: MIT
import Foundation

/// The description of the interface after OpenAPI 3.1, which comes with the program.
enum InterfaceDescription {
  /// The document as JSON; nil where it was not installed.
  static var bytes: Data? {
    Bundle.module.url(forResource: "openapi", withExtension: "json")
      .flatMap { try? Data(contentsOf: $0) }
  }
}
