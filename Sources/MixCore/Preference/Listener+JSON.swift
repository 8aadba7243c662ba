// SPDX-License-Identifier: MIT

extension Listener {
  /// The version of the format that this code writes, and the latest that it reads.
  public static let currentVersion = 1
  private static let modelPrefix = "userModel_"
  private static let songsKey = "audioMixSongs"
  private static let themeKey = "museTheme"

  /// The listener as a document.
  ///
  /// Network, songs and theme have the keys under which pages keep them: `userModel_NAME` (the
  /// weights), `audioMixSongs` (an object with the list of songs of NAME) and `museTheme`.
  public var json: JSONValue {
    var members = [
      JSONMember("version", .number(Double(Self.currentVersion))),
      JSONMember("name", .string(name)),
      JSONMember("learner", .string(learner.name)),
      JSONMember("edits", .array(edits.map { $0.json })),
    ]
    if let network { members.append(JSONMember(Self.modelPrefix + name, network.json)) }
    members.append(
      JSONMember(
        Self.songsKey, .object([JSONMember(name, .array(songs.map { $0.json }))])))
    if let theme { members.append(JSONMember(Self.themeKey, .string(theme))) }
    return .object(members + unknown)
  }

  /// The document as JSON text that reads back as an equal listener.
  public var text: String { json.text }

  /// Reads a document, or what a page keeps: an object with `userModel_…`, `audioMixSongs` and
  /// `museTheme`, whose values may be JSON or, as the browser keeps them, texts of JSON.
  ///
  /// - Parameters:
  ///   - utf8: The document.
  ///   - user: Whose data to take, where a page has that of several.
  /// - Throws: `MixPlanError` with the place of what is wrong; never anything else, whatever the
  ///   text.
  public init(utf8 bytes: [UInt8], user: String? = nil) throws(MixPlanError) {
    try self.init(json: JSONParser.parse(bytes), user: user)
  }

  /// Reads a document from a JSON value; see ``init(utf8:user:)``.
  public init(json: JSONValue, user: String? = nil) throws(MixPlanError) {
    guard case .object(let members) = json else {
      throw MixPlanError(
        .wrongKind, "\(json.kind) where a listener's document, an object, is expected")
    }
    if let version = json["version"] {
      try Self.check(version)
      let name = try json.required("name", "").text("name")
      guard Self.isName(name) else {
        throw MixPlanError(.outOfRange, "this cannot be the name of a listener", path: "name")
      }
      try self.init(members, name: name)
    } else {
      let users = try Self.users(members)
      guard !users.isEmpty else {
        throw MixPlanError(.missing, "is missing, and no page has saved this", path: "version")
      }
      guard let name = user ?? (users.count == 1 ? users[0] : nil) else {
        var list = ""
        for user in users { list += list.utf8.isEmpty ? user : ", \(user)" }
        throw MixPlanError(
          .contradiction, "there is data of several users, \(list); name one of them")
      }
      guard users.contains(where: { $0.isSame(as: name) }) else {
        throw MixPlanError(.missing, "there is no data of a user \(name)")
      }
      guard Self.isName(name) else {
        throw MixPlanError(.outOfRange, "\(name) cannot be the name of a listener")
      }
      try self.init(members, name: name)
      if network != nil { set(.network) }
    }
  }

  private static func check(_ version: JSONValue) throws(MixPlanError) {
    guard case .number(let number) = version, number.value >= 1,
      number.value == number.value.rounded(.down)
    else { throw MixPlanError(.wrongKind, "a whole number from 1 is expected", path: "version") }
    guard number.value <= Double(currentVersion) else {
      throw MixPlanError(
        .unsupportedVersion, "\(number.literal) is later than \(currentVersion), the latest known",
        path: "version")
    }
  }

  /// A value as it is meant where a browser keeps it as a text.
  private static func unwrapped(_ value: JSONValue) throws(MixPlanError) -> JSONValue {
    guard case .string(let text) = value else { return value }
    return try JSONValue(text: text)
  }

  /// The part of a key behind `userModel_`.
  private static func user(ofModel key: String) -> String? {
    let (prefix, bytes) = (Array(modelPrefix.utf8), Array(key.utf8))
    guard bytes.count > prefix.count, Array(bytes[..<prefix.count]) == prefix else { return nil }
    return String(decoding: bytes[prefix.count...], as: UTF8.self)
  }

  /// The users of whom a page has data.
  private static func users(_ members: [JSONMember]) throws(MixPlanError) -> [String] {
    var users: [String] = []
    func add(_ user: String) throws(MixPlanError) {
      if users.contains(where: { $0.isSame(as: user) }) { return }
      guard users.count < Self.maximumUserCount else {
        throw MixPlanError(.limit, "there is data of more than \(Self.maximumUserCount) users")
      }
      users.append(user)
    }
    for member in members {
      if let user = user(ofModel: member.key) {
        try add(user)
      } else if member.key.isSame(as: songsKey),
        case .object(let lists) = try unwrapped(member.value)
      {
        for list in lists { try add(list.key) }
      }
    }
    return users
  }

  private init(_ members: [JSONMember], name: String) throws(MixPlanError) {
    self.init(unchecked: name)
    for member in members {
      let key = member.key
      if key.isSame(as: "version") || key.isSame(as: "name") { continue }
      if key.isSame(as: "learner") {
        let text = try member.value.text(key)
        guard let learner = Learner(name: text) else {
          throw MixPlanError(.outOfRange, "\(text) is none of residual, network", path: key)
        }
        set(learner)
      } else if key.isSame(as: "edits") {
        let items = try member.value.items(key, maximumCount: Self.maximumCount)
        for (index, item) in items.enumerated() {
          edits.append(try MixEdit(json: item, path: "edits[\(index)]"))
        }
      } else if let user = Self.user(ofModel: key) {
        // That of others stays with them.
        guard user.isSame(as: name) else { continue }
        network = try PreferenceNetwork(json: Self.unwrapped(member.value), path: key)
      } else if key.isSame(as: Self.songsKey) {
        try readSongs(Self.unwrapped(member.value))
      } else if key.isSame(as: Self.themeKey) {
        theme = try member.value.text(key)
      } else {
        unknown.append(member)
      }
    }
    if learner == .network, network == nil { retrainNetwork() }
  }

  private mutating func readSongs(_ json: JSONValue) throws(MixPlanError) {
    var list = json
    var path = Self.songsKey
    if case .object = json {
      guard let own = json[name] else { return }
      list = own
      path += ".\(name)"
    }
    let items = try list.items(path, maximumCount: Self.maximumCount)
    for (index, item) in items.enumerated() {
      songs.append(try SavedSong(json: item, path: "\(path)[\(index)]"))
    }
  }

  /// The same listener under another name.
  ///
  /// - Precondition: `name` is one.
  public func renamed(_ name: String) -> Listener {
    precondition(Self.isName(name), "the name of a listener is no name")
    var listener = self
    listener.name = name
    return listener
  }
}
