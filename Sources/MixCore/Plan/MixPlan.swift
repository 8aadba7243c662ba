// SPDX-License-Identifier: MIT

/// How stems become a mix: the only thing that passes between deciding and sounding.
///
/// A plan is a small JSON document that a person can read, compare and edit. Every number has a unit and a
/// range (`Quantity`); beside every value there may be a `because` line; keys that this version does
/// not know are kept.
///
/// ```swift
/// var plan = MixPlan(trackNames: ["drums", "bass", "other", "vocals"])
/// plan.tracks[3].gainDB = 1.5
/// plan.tracks[3].because["gain"] = "vocals 3.1 LU under the backing; target 0"
/// print(plan.text)
/// ```
public struct MixPlan: PlanSection {
  /// The version of the format that this code writes, and the latest that it reads.
  public static let currentVersion = 1
  /// The most tracks of a plan.
  public static let maximumTrackCount = 128

  /// The tracks, in the order of the stems.
  public var tracks: [Track] = []
  /// The room that all tracks share; without it, sends go nowhere.
  public var reverb: Reverb?
  /// What happens to the sum of the tracks.
  public var master = Master()
  /// Why values are as they are.
  public var because = Reasons()
  /// Members of the document that this version does not know.
  public var unknown: [JSONMember] = []

  static let summary = "How stems become a mix."

  /// A plan that does nothing: where a plan is silent, nothing is changed.
  public init() {}

  /// A plan to start from: the stems as they are, the standard room with nothing sent into it, and the
  /// standard loudness and limiter on the master.
  public init(trackNames: [String]) {
    tracks = trackNames.map { Track(name: $0) }
    reverb = Reverb()
    master.loudnessLUFS = Master.loudness.standard
    master.limiter = Limiter()
  }

  mutating func visit<V: PlanVisitor>(_ visitor: inout V) throws(MixPlanError) {
    try visitor.list("tracks", &tracks, maximumCount: Self.maximumTrackCount)
    try visitor.section("reverb", &reverb)
    try visitor.section("master", &master)
  }
}

extension MixPlan {
  /// Reads a plan from JSON text.
  ///
  /// - Throws: `MixPlanError` where the text is not JSON, or a value is of the wrong kind or out of its
  ///   range, with the path of its key; never anything else, whatever the text.
  public init(text: String) throws(MixPlanError) { try self.init(json: JSONValue(text: text)) }

  /// Reads a plan from JSON text in UTF-8.
  public init(utf8 bytes: [UInt8]) throws(MixPlanError) {
    // Some editors put a byte order mark in front.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = bytes.count >= 3 && Array(bytes[..<3]) == mark ? Array(bytes[3...]) : bytes
    try self.init(json: JSONParser.parse(text))
  }

  /// Reads a plan from a JSON value.
  public init(json: JSONValue) throws(MixPlanError) {
    guard case .object(let members) = json else {
      throw MixPlanError(.wrongKind, "\(json.kind) where a plan, which is an object, is expected")
    }
    guard let version = json["version"] else {
      throw MixPlanError(.missing, "is missing; this format is version 1", path: "version")
    }
    guard case .number(let number) = version, number.value >= 1,
      number.value == number.value.rounded(.down)
    else { throw MixPlanError(.wrongKind, "a whole number from 1 is expected", path: "version") }
    guard number.value <= Double(Self.currentVersion) else {
      throw MixPlanError(
        .unsupportedVersion,
        "\(number.literal) is later than \(Self.currentVersion), the latest known",
        path: "version")
    }
    let rest = members.filter { !$0.key.isSame(as: "version") }
    self = try PlanReader.read(Self.self, .object(rest), path: "")
    try checkNames()
  }

  /// The plan as a JSON value.
  public var json: JSONValue {
    guard case .object(let members) = PlanWriter.write(self) else { return .null }
    return .object([JSONMember("version", .number(Double(Self.currentVersion)))] + members)
  }

  /// The plan as JSON text that reads back as an equal plan.
  public var text: String { json.text }

  /// Refuses a plan that was put together in code and has a value out of its range.
  public func validate() throws(MixPlanError) { _ = try MixPlan(json: checkedJSON()) }

  private func checkedJSON() throws(MixPlanError) -> JSONValue {
    // JSON has no number that is not finite: the clamped plan differs from this one where there is one.
    let json = json
    guard MixPlan.isFinite(self) else {
      throw MixPlanError(.outOfRange, "a value is not a finite number")
    }
    return json
  }

  private static func isFinite(_ plan: MixPlan) -> Bool {
    var plan = plan
    var finder = PlanFiniteCheck()
    do throws(MixPlanError) { try plan.visit(&finder) } catch { return false }
    return true
  }

  /// The plan with every number brought into its range; what is not a number becomes the standard.
  public func clamped() -> MixPlan {
    var plan = self
    var clamp = PlanClamp()
    // No method of this visitor throws.
    do throws(MixPlanError) { try plan.visit(&clamp) } catch {}
    return plan
  }

  /// The plan changed by a patch: a part of a plan in JSON (see `JSONValue.merging`), with its tracks
  /// matched by name.
  ///
  /// - Throws: `MixPlanError` where the result is no plan.
  public func merging(_ patch: JSONValue) throws(MixPlanError) -> MixPlan {
    try MixPlan(json: json.merging(patch))
  }

  /// The format as JSON Schema, as published in Documentation/mixplan.schema.json.
  public static var schema: JSONValue {
    guard case .object(var members) = PlanSchema.describe(Self.self) else { return .null }
    let version = JSONValue.object([
      JSONMember("description", .string("The version of the format.")),
      JSONMember("const", .number(Double(currentVersion))),
    ])
    for index in members.indices where members[index].key.isSame(as: "properties") {
      if case .object(let own) = members[index].value {
        members[index].value = .object([JSONMember("version", version)] + own)
      }
    }
    return .object(
      [
        JSONMember("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
        JSONMember("title", .string("Tonmeister MixPlan")),
        JSONMember("required", .array([.string("version")])),
      ] + members)
  }

  private func checkNames() throws(MixPlanError) {
    for (index, track) in tracks.enumerated() {
      if tracks[..<index].contains(where: { $0.name.isSame(as: track.name) }) {
        throw MixPlanError(
          .contradiction, "there are two tracks called \(track.name)",
          path: "tracks[\(index)].name")
      }
      if let key = track.compressor?.sideChain,
        !tracks.contains(where: { $0.name.isSame(as: key) })
      {
        throw MixPlanError(
          .contradiction, "there is no track called \(key)",
          path: "tracks[\(index)].compressor.sideChain")
      }
    }
    if master.compressor?.sideChain != nil {
      throw MixPlanError(
        .contradiction, "the master has no side chain", path: "master.compressor.sideChain")
    }
  }
}
