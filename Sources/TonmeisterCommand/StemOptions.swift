// SPDX-License-Identifier: MIT
import ArgumentParser
import Tonmeister

/// The flags that choose stems.
struct StemOptions: ParsableArguments {
  @Option(help: "Write only these stems, separated by commas.")
  var stems: String?

  @Option(help: "Write one stem and the rest of the song.")
  var twoStems: String?

  @Option(
    help: """
      The rest with --two-stems: “add” sums up the other stems (no_STEM), “minus” takes the stem \
      away from the song (minus_STEM), “none” writes only the stem.
      """)
  var otherMethod = Choice(StemSelection.Other.add)

  func validate() throws {
    if stems != nil, twoStems != nil {
      throw ValidationError("--stems and --two-stems exclude each other.")
    }
    if let stems, names(in: stems).isEmpty {
      throw ValidationError("--stems needs names, such as “drums,vocals”.")
    }
  }

  /// The selection, checked against the stems of the model.
  func selection(_ known: [String]) throws -> StemSelection {
    let other = try otherMethod.value(of: "--other-method")
    var selection = StemSelection.all
    if let stems { selection = .only(names(in: stems)) }
    if let twoStems { selection = .two(twoStems, other: other) }
    _ = try StemFiles.names(for: selection, stems: known)
    return selection
  }

  private func names(in list: String) -> [String] {
    list.split(separator: ",").map { name in
      String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }
}
