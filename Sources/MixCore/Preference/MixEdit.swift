// SPDX-License-Identifier: MIT

/// What a listener made of one song: the plan that was proposed against the plan that was kept.
public struct MixEdit: Sendable, Equatable {
  /// A quantity before and after.
  public struct Change: Sendable, Equatable {
    /// What the automatic mix proposed.
    public var proposed: Double
    /// What the listener kept.
    public var kept: Double

    /// Kept less proposed.
    public var residual: Double { kept - proposed }
  }

  /// The quantities of one stem.
  public struct Stem: Sendable, Equatable {
    /// What the stem is, such as `vocals`.
    public var name: String
    /// By the raw value of the quantity; nil where it was not there.
    var changes: [Change?]

    /// The change of a quantity; nil where it was not there.
    public subscript(quantity: TasteQuantity) -> Change? {
      get { changes[quantity.rawValue] }
      set { changes[quantity.rawValue] = newValue }
    }

    init(name: String) {
      self.name = name
      changes = [Change?](repeating: nil, count: TasteQuantity.allCases.count)
    }
  }

  /// The title of the song; empty where it is not known.
  public var title: String
  /// The features of the song; nil where they are not known.
  public var features: SongFeatures?
  /// The stems that both plans have.
  public var stems: [Stem]
  /// Members that this version does not know.
  public var unknown: [JSONMember] = []

  /// The difference of two plans, track by track; tracks that are muted in the plan kept say
  /// nothing.
  ///
  /// - Parameters:
  ///   - proposed: The plan of the automatic mix, before the listener's taste.
  ///   - kept: The plan that the listener kept.
  ///   - title: The title of the song; a later edit of the same title replaces this one.
  ///   - features: The features of the song.
  ///   - role: What a track of that name is, so that `Lead Vox` and `vocals` are one.
  public init(
    proposed: MixPlan, kept: MixPlan, title: String = "", features: SongFeatures? = nil,
    role: (String) -> String = { $0 }
  ) {
    self.title = title
    self.features = features
    stems = []
    let hasReverb = proposed.reverb != nil || kept.reverb != nil
    for track in kept.tracks where !track.mute {
      guard let before = proposed.tracks.first(where: { $0.name.isSame(as: track.name) }) else {
        continue
      }
      var stem = Stem(name: role(track.name))
      for quantity in TasteQuantity.allCases where quantity != .reverbSend || hasReverb {
        stem[quantity] = Change(
          proposed: quantity.value(in: before), kept: quantity.value(in: track))
      }
      stems.append(stem)
    }
  }

  /// An edit of faders alone.
  public init(
    title: String = "", features: SongFeatures?, proposed: StemGains, kept: StemGains
  ) {
    self.title = title
    self.features = features
    stems = []
    for (index, name) in StemGains.stems.enumerated() {
      var stem = Stem(name: name)
      stem[.gain] = Change(proposed: proposed.values[index], kept: kept.values[index])
      stems.append(stem)
    }
  }

  /// The faders kept, where all four stems of the network are there.
  public var keptGains: StemGains? {
    var values: [Double] = []
    for name in StemGains.stems {
      guard let stem = stems.first(where: { $0.name.isSame(as: name) }), let change = stem[.gain]
      else { return nil }
      values.append(change.kept)
    }
    return StemGains(values)
  }
}

extension MixEdit {
  /// No value of a document may be larger.
  private static let largestValue = 200.0

  /// The edit as a JSON object; every quantity is a list of what was proposed and what was kept.
  public var json: JSONValue {
    var members: [JSONMember] = []
    if !title.utf8.isEmpty { members.append(JSONMember("title", .string(title))) }
    if let features {
      members.append(JSONMember("features", .array(features.vector.map { .single($0) })))
    }
    let stems = stems.map { stem in
      var members = [JSONMember("stem", .string(stem.name))]
      for quantity in TasteQuantity.allCases {
        guard let change = stem[quantity] else { continue }
        members.append(
          JSONMember(quantity.key, .array([.number(change.proposed), .number(change.kept)])))
      }
      return JSONValue.object(members)
    }
    members.append(JSONMember("stems", .array(stems)))
    return .object(members + unknown)
  }

  init(json: JSONValue, path: String) throws(MixPlanError) {
    title = ""
    stems = []
    for member in try json.members(path) {
      let place = "\(path).\(member.key)"
      if member.key.isSame(as: "title") {
        title = try member.value.text(place)
      } else if member.key.isSame(as: "features") {
        features = try SongFeatures(json: member.value, path: place)
      } else if member.key.isSame(as: "stems") {
        let items = try member.value.items(place, maximumCount: MixPlan.maximumTrackCount)
        for (index, item) in items.enumerated() {
          stems.append(try Self.stem(item, "\(place)[\(index)]"))
        }
      } else {
        unknown.append(member)
      }
    }
  }

  private static func stem(_ json: JSONValue, _ path: String) throws(MixPlanError) -> Stem {
    var stem = Stem(name: try json.required("stem", path).text("\(path).stem"))
    for quantity in TasteQuantity.allCases {
      guard let value = json[quantity.key] else { continue }
      let place = "\(path).\(quantity.key)"
      let items = try value.items(place, maximumCount: 2)
      guard items.count == 2 else {
        throw MixPlanError(
          .outOfRange, "a list of what was proposed and what was kept is expected", path: place)
      }
      stem[quantity] = Change(
        proposed: try items[0].number("\(place)[0]", largest: largestValue),
        kept: try items[1].number("\(place)[1]", largest: largestValue))
    }
    return stem
  }
}
