// SPDX-License-Identifier: MIT

/// A song with the gains that a listener kept, as pages keep it under `audioMixSongs`.
public struct SavedSong: Sendable, Equatable {
  /// The title.
  public var title: String
  /// The gains; nil where the page had none.
  public var gains: StemGains?
  /// The features; nil where the page had none.
  public var features: SongFeatures?
  /// Members that this version does not know, such as `artist` and `details`.
  public var unknown: [JSONMember] = []

  /// Makes a song.
  public init(title: String, gains: StemGains?, features: SongFeatures?) {
    self.title = title
    self.gains = gains
    self.features = features
  }

  /// What the network can learn from; nil where gains or features are missing.
  public var example: PreferenceNetwork.Example? {
    guard let gains, let features else { return nil }
    return PreferenceNetwork.Example(features: features, gains: gains)
  }

  /// The song as a JSON object with `title`, `gains` and `features`.
  public var json: JSONValue {
    var members = [JSONMember("title", .string(title))]
    if let gains {
      let values = gains.values
      members.append(
        JSONMember(
          "gains",
          .object(
            StemGains.stems.indices.map { JSONMember(StemGains.stems[$0], .number(values[$0])) })))
    }
    members.append(
      JSONMember("features", features.map { .array($0.vector.map { .single($0) }) } ?? .null))
    return .object(members + unknown)
  }

  init(json: JSONValue, path: String) throws(MixPlanError) {
    title = ""
    for member in try json.members(path) {
      let place = "\(path).\(member.key)"
      if member.key.isSame(as: "title") {
        title = try member.value.text(place)
      } else if member.key.isSame(as: "gains") {
        gains = try Self.gains(member.value, place)
      } else if member.key.isSame(as: "features") {
        features = try SongFeatures(json: member.value, path: place)
      } else {
        unknown.append(member)
      }
    }
  }

  private static func gains(_ json: JSONValue, _ path: String) throws(MixPlanError) -> StemGains? {
    if case .null = json { return nil }
    var values: [Double] = []
    for stem in StemGains.stems {
      values.append(try json.required(stem, path).number("\(path).\(stem)", largest: 200))
    }
    return StemGains(values)
  }
}

extension SongFeatures {
  /// Reads a list of 23 numbers; nil for `null`.
  init?(json: JSONValue, path: String) throws(MixPlanError) {
    if case .null = json { return nil }
    let items = try json.items(path, maximumCount: 4096)
    guard items.count == Self.count else {
      throw MixPlanError(
        .outOfRange, "\(items.count) numbers where \(Self.count) are expected", path: path)
    }
    var vector: [Float] = []
    for item in items { vector.append(Float(try item.number(path, largest: Self.largestValue))) }
    self.init(vector: vector)
  }
}
