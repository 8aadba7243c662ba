// SPDX-License-Identifier: MIT
import ArgumentParser

/// How measurements are told.
struct MeasuringOptions: ParsableArguments {
  @Flag(help: "Print a JSON object.")
  var json = false

  @Option(
    help: """
      How to show progress on standard error: “bar”, “json” (an object a line) or “none”. By \
      default a bar on a terminal and a line every tenth elsewhere.
      """)
  var progress: Choice<TellingOptions.Progress>?
}
