// SPDX-License-Identifier: MIT
import Foundation
import Separation

/// The description of the interface after OpenAPI 3.1, which comes with the program.
enum InterfaceDescription {
  /// The document as JSON; nil where it was not installed.
  static var bytes: Data? {
    ProgramResources.file("openapi.json", of: "Service", installedAs: "service")
      .flatMap { try? Data(contentsOf: $0) }
  }
}
