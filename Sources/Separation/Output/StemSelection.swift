// SPDX-License-Identifier: MIT

/// Which stems to write.
public enum StemSelection: Sendable, Equatable {
  /// What becomes of everything that is not the one stem of ``two(_:other:)``.
  public enum Other: String, Sendable, CaseIterable {
    /// The sum of the other stems, as `no_STEM`.
    case add
    /// The mixture minus the stem, as `minus_STEM`.
    case minus
    /// It is not written.
    case none
  }

  /// Every stem of the model.
  case all
  /// Only these.
  case only([String])
  /// One stem and the rest of the song.
  case two(String, other: Other)
}

extension StemSelection {
  /// How one file is made of the stems and the mixture.
  struct Recipe: Equatable {
    var name: String
    /// The indices of the stems that are added.
    var added: [Int] = []
    /// The index of the stem that is taken away from the mixture.
    var takenFromMixture: Int?
  }

  /// The recipes of all files, in the order of `sources`.
  ///
  /// - Throws: `unknownStem` when the model lacks a stem that was named.
  func recipes(for sources: [String]) throws(SeparationError) -> [Recipe] {
    switch self {
    case .all:
      return sources.indices.map { Recipe(name: sources[$0], added: [$0]) }
    case .only(let names):
      for name in names { _ = try Self.index(of: name, in: sources) }
      return sources.indices.filter { names.contains(sources[$0]) }
        .map { Recipe(name: sources[$0], added: [$0]) }
    case .two(let name, let other):
      let index = try Self.index(of: name, in: sources)
      let stem = Recipe(name: name, added: [index])
      switch other {
      case .none: return [stem]
      case .minus: return [stem, Recipe(name: "minus_\(name)", takenFromMixture: index)]
      case .add:
        let others = sources.indices.filter { $0 != index }
        return [stem, Recipe(name: "no_\(name)", added: others)]
      }
    }
  }

  private static func index(
    of name: String, in sources: [String]
  ) throws(SeparationError) -> Int {
    guard let index = sources.firstIndex(of: name) else {
      throw SeparationError(
        code: .unknownStem,
        message: "The model has no stem “\(name)”; it has \(sources.joined(separator: ", ")).")
    }
    return index
  }
}
