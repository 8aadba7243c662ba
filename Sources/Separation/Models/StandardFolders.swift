// SPDX-License-Identifier: MIT
package import Foundation

/// The folders of a person that programs write to, after the XDG Base Directory Specification 0.8.
package enum StandardFolders {
  /// For what can be made or fetched again: `$XDG_CACHE_HOME/tonmeister`.
  package static var cache: URL { folder("XDG_CACHE_HOME", orBelowHome: ".cache") }

  /// For what should outlive a restart: `$XDG_STATE_HOME/tonmeister`.
  package static var state: URL { folder("XDG_STATE_HOME", orBelowHome: ".local/state") }

  /// For what a person wants to keep: `$XDG_DATA_HOME/tonmeister`.
  package static var data: URL { folder("XDG_DATA_HOME", orBelowHome: ".local/share") }

  private static func folder(_ variable: String, orBelowHome fallback: String) -> URL {
    let environment = ProcessInfo.processInfo.environment
    // "All paths set in these environment variables must be absolute", or they are ignored.
    if let path = environment[variable], path.hasPrefix("/") {
      return URL(filePath: path).appending(path: "tonmeister")
    }
    let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? NSHomeDirectory()
    return URL(filePath: home).appending(path: fallback).appending(path: "tonmeister")
  }
}
