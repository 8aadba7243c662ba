// SPDX-License-Identifier: MIT

/// A listener: what they changed about mixes, and how that is learned from.
///
/// ```swift
/// var listener = Listener(name: "anna")
/// listener.learn(MixEdit(proposed: proposed, kept: kept, title: "Song", features: features))
/// let plan = listener.advise(nextProposal, for: nextFeatures)
/// ```
///
/// Edits are kept, not what was learned from them, so that they can be looked at, taken away and
/// learned from again by a later version.
public struct Listener: Sendable, Equatable {
  /// How edits become changes of the next plan.
  public enum Learner: Int, Sendable, CaseIterable {
    /// Shrunk residuals of what is proposed, ``ResidualLearner``.
    case residual
    /// The faders that ``PreferenceNetwork`` predicts, whatever is proposed.
    case network

    /// The name in documents.
    public var name: String { self == .residual ? "residual" : "network" }

    /// The learner of a name; nil where there is none of it.
    public init?(name: String) {
      for learner in Self.allCases where learner.name.isSame(as: name) {
        self = learner
        return
      }
      return nil
    }
  }

  /// The most edits, and the most songs, that are kept; the oldest go first.
  public static let maximumCount = 2000
  /// Of how many users the data of a page is looked through.
  static let maximumUserCount = 64

  /// The name, which ``isName(_:)`` accepts.
  public internal(set) var name: String
  /// How edits are learned from.
  public private(set) var learner: Learner = .residual
  /// What was changed, from the oldest.
  public internal(set) var edits: [MixEdit] = []
  /// The songs of the network, from the oldest.
  public internal(set) var songs: [SavedSong] = []
  /// The weights, where the network was chosen or came with a document.
  public internal(set) var network: PreferenceNetwork?
  /// The look of the page, `dark` or `light`, where a document had one.
  public internal(set) var theme: String?
  /// Members of the document that this version does not know.
  public internal(set) var unknown: [JSONMember] = []

  /// A listener of whom nothing is known.
  ///
  /// - Precondition: `name` is one.
  public init(name: String) {
    precondition(Self.isName(name), "the name of a listener is no name")
    self.name = name
  }

  init(unchecked name: String) { self.name = name }

  /// Whether a text can be the name of a listener, and of a file: 1 to 64 bytes of letters, digits,
  /// spaces, dots, hyphens, underscores and what is not ASCII, without a dot, a hyphen or a space
  /// in front and a space at the end.
  public static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last, bytes.count <= 64 else { return false }
    guard first != 0x2E, first != 0x2D, first != 0x20, last != 0x20 else { return false }
    return bytes.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x20, 0x2D, 0x2E, 0x5F, 0x80...: true
      default: false
      }
    }
  }

  /// Learns what was made of a song; an edit of the same title, if it has one, is replaced.
  public mutating func learn(_ edit: MixEdit) {
    if !edit.title.utf8.isEmpty {
      edits.removeAll { $0.title.isSame(as: edit.title) }
    }
    edits.append(edit)
    if edits.count > Self.maximumCount { edits.removeFirst() }
    guard let features = edit.features, let gains = edit.keptGains else { return }
    if !edit.title.utf8.isEmpty {
      songs.removeAll { $0.title.isSame(as: edit.title) }
    }
    let song = SavedSong(title: edit.title, gains: gains, features: features)
    songs.append(song)
    if songs.count > Self.maximumCount { songs.removeFirst() }
    network?.learn(PreferenceNetwork.Example(features: features, gains: gains))
  }

  /// Chooses how edits are learned from; the network, where there is none yet, is trained over all
  /// songs.
  public mutating func choose(_ learner: Learner) {
    self.learner = learner
    if learner == .network, network == nil { retrainNetwork() }
  }

  /// Trains the network over all songs, from the weights that there are.
  public mutating func retrainNetwork() {
    var network = self.network ?? PreferenceNetwork(seed: 1)
    network.retrain(songs.compactMap { $0.example })
    self.network = network
  }

  /// Forgets all edits and songs of a title.
  ///
  /// The network, if there is one, is trained anew from nothing. Returns whether there was such a
  /// song.
  public mutating func forget(title: String) -> Bool {
    let count = edits.count + songs.count
    edits.removeAll { $0.title.isSame(as: title) }
    songs.removeAll { $0.title.isSame(as: title) }
    guard edits.count + songs.count < count else { return false }
    if network != nil {
      network = nil
      retrainNetwork()
    }
    return true
  }

  mutating func set(_ learner: Learner) { self.learner = learner }
}
