// SPDX-License-Identifier: MIT

/// What a stem is, as far as mixing cares.
public enum StemKind: String, Sendable, CaseIterable {
  /// A whole kit, or several drums.
  case drums
  /// The bass drum alone.
  case kick
  /// Bass guitar or synthesiser bass.
  case bass
  /// The lead singer, or all singers.
  case vocals
  /// Choirs, harmonies, doubles.
  case backingVocals
  /// Synthesisers, pads, strings and the like.
  case synth
  /// Guitars.
  case guitar
  /// Pianos, organs and other keys.
  case piano
  /// Everything else.
  case other

  /// How a person calls it.
  public var name: String { self == .backingVocals ? "backing vocals" : rawValue }

  /// Whether its low end belongs in the middle.
  public var isLowEnd: Bool { self == .kick || self == .bass }

  /// Whether it is sung.
  public var isSung: Bool { self == .vocals || self == .backingVocals }

  /// Whether it is hit.
  public var isPercussive: Bool { self == .drums || self == .kick }

  /// Reads the kind out of a name, as people call their files; nil where no word of it is known.
  ///
  /// The last known word counts, as in “vocal synth” or “bass drum”, but what says that singing stays in the
  /// background counts from anywhere.
  public init?(name: String) {
    let words = Self.words(name)
    // “no_vocals” is everything but them.
    if let first = words.first, words.count > 1, ["no", "minus", "without"].contains(first) {
      self = .other
      return
    }
    // “bass drum” and “kick drum” are one instrument, bass and drums are two.
    for (first, second) in zip(words, words.dropFirst())
    where (first == "bass" || first == "kick") && second == "drum" {
      self = .kick
      return
    }
    // “lead” alone is a synthesiser's, beside another word it says how important that is.
    let kinds = words.reversed().lazy.filter { $0 != "lead" }.compactMap { Self.kind(of: $0) }
    guard let kind = kinds.first ?? (words.contains("lead") ? .synth : nil) else { return nil }
    let stays = words.contains { Self.backgroundWords.contains($0) }
    self = kind == .vocals && stays ? .backingVocals : kind
  }

  /// The words of a name in lower case: letters that belong together, without digits.
  private static func words(_ name: String) -> [String] {
    var words: [String] = []
    var word = ""
    var previousIsLower = false
    for character in name {
      if character.isLetter {
        if character.isUppercase, previousIsLower {
          words.append(word)
          word = ""
        }
        word += character.lowercased()
        previousIsLower = character.isLowercase
      } else {
        if !word.isEmpty { words.append(word) }
        word = ""
        previousIsLower = false
      }
    }
    if !word.isEmpty { words.append(word) }
    return words
  }

  private static let backgroundWords: Set<String> = [
    "back", "backing", "background", "bg", "bv", "bgv", "bvox", "bgvox", "harmony", "harmonies",
    "choir", "chorus", "double", "doubles", "dbl", "adlib", "adlibs", "ooh", "oohs", "aah", "aahs",
    "aahh", "echo", "echoes", "delay", "reverb", "verb",
  ]

  private static let table: [(kind: StemKind, words: Set<String>)] = [
    (.kick, ["kick", "kik", "bd", "bassdrum", "kicks"]),
    (
      .drums,
      [
        "drum", "drums", "kit", "snare", "sd", "hat", "hats", "hh", "hihat", "hihats", "cymbal",
        "cymbals", "crash", "ride", "tom", "toms", "perc", "percussion", "percs", "clap", "claps",
        "shaker", "tambourine", "beat", "beats", "break", "breaks", "overhead", "overheads", "oh",
        "drumloop", "conga", "congas", "bongo", "bongos", "cajon", "rim", "rimshot", "cowbell",
      ]
    ),
    (.bass, ["bass", "basses", "sub", "subbass", "basslead", "contrabass", "bassline"]),
    (
      .backingVocals,
      [
        "bgv", "bgvs", "bvs", "bv", "bvox", "bgvox", "bgvocals", "choir", "harmony", "harmonies",
        "adlib", "adlibs", "backings",
      ]
    ),
    (
      .vocals,
      [
        "vocal", "vocals", "vox", "voice", "voices", "voc", "vocs", "lead vocal", "singer", "sing",
        "singing", "rap", "leadvox", "leadvocals", "acapella", "acappella",
      ]
    ),
    (
      .guitar,
      [
        "guitar", "guitars", "gtr", "gtrs", "git", "strat", "tele", "acoustic", "egtr", "agtr",
        "uke", "ukulele", "banjo", "mandolin", "leadguitar", "rhythmguitar",
      ]
    ),
    (
      .piano,
      [
        "piano", "pianos", "keys", "keyboard", "keyboards", "rhodes", "wurli", "wurlitzer", "organ",
        "clav", "clavinet", "epiano", "hammond", "harpsichord",
      ]
    ),
    (
      .synth,
      [
        "synth", "synths", "pad", "pads", "arp", "arpeggio", "pluck", "plucks", "strings", "string",
        "violin", "violins", "cello", "viola", "brass", "horn", "horns", "minilogue", "moog",
        "juno",
        "saw", "synthesizer", "synthesiser", "supersaw",
      ]
    ),
    (.other, ["other", "others", "rest", "instrumental", "fx", "sfx", "effect", "effects"]),
  ]

  private static func kind(of word: String) -> StemKind? {
    table.first { $0.words.contains(word) }?.kind
  }
}
