// SPDX-License-Identifier: MIT
import ArgumentParser

/// The flags that choose what is printed.
struct TellingOptions: ParsableArguments {
  enum Progress: String, CaseIterable {
    case json
    case bar
    case none
  }

  @Flag(help: "Print one JSON object about everything done to standard output at the end.")
  var json = false

  @Option(
    help: """
      How to show progress on standard error: “bar”, “json” (an object a line) or “none”. By \
      default a bar on a terminal and a line every tenth elsewhere.
      """)
  var progress: Choice<Progress>?

  @Flag(name: .shortAndLong, help: "Say more about what is done.")
  var verbose = false
}
