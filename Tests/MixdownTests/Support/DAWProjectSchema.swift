// SPDX-License-Identifier: MIT
import Foundation
import FoundationXML

/// An element as a parser that is not ours reads it.
final class ParsedElement {
  let name: String
  let attributes: [String: String]
  var children: [ParsedElement] = []
  var text = ""

  init(_ name: String, _ attributes: [String: String]) {
    self.name = name
    self.attributes = attributes
  }

  /// This element and all below it.
  var all: [ParsedElement] { [self] + children.flatMap(\.all) }

  func child(_ name: String) -> ParsedElement? { children.first { $0.name == name } }

  func value(_ name: String) -> Double? {
    child(name)?.attributes["value"].flatMap { Double($0) }
  }

  /// Reads a document.
  static func parse(_ bytes: [UInt8]) throws -> ParsedElement {
    let reader = Reader()
    let parser = XMLParser(data: Data(bytes))
    parser.delegate = reader
    guard parser.parse(), let root = reader.root else {
      throw parser.parserError ?? StoredZip.Malformed(what: "XML")
    }
    return root
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var root: ParsedElement?
    var open: [ParsedElement] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      let element = ParsedElement(name, attributes)
      if let parent = open.last { parent.children.append(element) } else { root = element }
      open.append(element)
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
      qualifiedName: String?
    ) { open.removeLast() }

    func parser(_ parser: XMLParser, foundCharacters text: String) { open.last?.text += text }
  }
}

/// The rules of DAWproject's `Project.xsd`, version 1.0, for the elements that a mix needs: which attributes an
/// element may and must have, of what types, and which elements are in it in what order.
struct DAWProjectSchema {
  private enum Kind {
    case text, number, integer, boolean, identifier, reference
    case oneOf([String])
  }

  private struct Rule {
    var required: [String: Kind] = [:]
    var optional: [String: Kind] = [:]
    /// In this order; the type of each, how often at least and at most.
    var sequence: [(name: String, type: String, minimum: Int, maximum: Int)] = []
    /// In any order, any number of times, instead of a sequence.
    var anyOf: [String: String] = [:]
  }

  private static let nameable: [String: Kind] = ["name": .text, "color": .text, "comment": .text]
  private static let referenceable = nameable.merging(["id": .identifier]) { $1 }
  private static let timeline = referenceable.merging([
    "timeUnit": .oneOf(["beats", "seconds"]), "track": .reference,
  ]) { $1 }
  private static let parameter = referenceable.merging(["parameterID": .integer]) { $1 }
  private static let deviceOptional = referenceable.merging([
    "deviceID": .text, "deviceVendor": .text, "loaded": .boolean,
  ]) { $1 }
  private static let units = [
    "linear", "normalized", "percent", "decibel", "hertz", "semitones", "seconds", "beats", "bpm",
  ]

  private static func device(
    _ own: [(String, String)], repeated: (String, String)? = nil
  ) -> Rule {
    var sequence: [(name: String, type: String, minimum: Int, maximum: Int)] = [
      ("Enabled", "bool", 0, 1)
    ]
    if let repeated { sequence.append((repeated.0, repeated.1, 0, .max)) }
    sequence += own.map { ($0.0, $0.1, 0, 1) }
    return Rule(
      required: [
        "deviceName": .text,
        "deviceRole": .oneOf(["instrument", "noteFX", "audioFX", "analyzer"]),
      ], optional: deviceOptional, sequence: sequence)
  }

  private static let rules: [String: Rule] = [
    "project": Rule(
      required: ["version": .text],
      sequence: [
        ("Application", "application", 1, 1), ("Transport", "transport", 0, 1),
        ("Structure", "structure", 0, 1), ("Arrangement", "arrangement", 0, 1),
        ("Scenes", "scenes", 0, 1),
      ]),
    "application": Rule(required: ["name": .text, "version": .text]),
    "transport": Rule(sequence: [("Tempo", "real", 0, 1), ("TimeSignature", "signature", 0, 1)]),
    "structure": Rule(anyOf: ["Track": "track", "Channel": "channel"]),
    "scenes": Rule(),
    "signature": Rule(
      required: ["denominator": .integer, "numerator": .integer], optional: parameter),
    "real": Rule(
      required: ["unit": .oneOf(units)],
      optional: parameter.merging(["max": .number, "min": .number, "value": .number]) { $1 }),
    "bool": Rule(optional: parameter.merging(["value": .boolean]) { $1 }),
    "track": Rule(
      optional: referenceable.merging([
        "contentType": .oneOf(["audio", "automation", "notes", "video", "markers", "tracks"]),
        "loaded": .boolean,
      ]) { $1 },
      sequence: [("Channel", "channel", 0, 1), ("Track", "track", 0, .max)]),
    "channel": Rule(
      optional: referenceable.merging([
        "audioChannels": .integer, "destination": .reference, "solo": .boolean,
        "role": .oneOf(["regular", "master", "effect", "submix", "vca"]),
      ]) { $1 },
      sequence: [
        ("Devices", "devices", 0, 1), ("Mute", "bool", 0, 1), ("Pan", "real", 0, 1),
        ("Sends", "sends", 0, 1), ("Volume", "real", 0, 1),
      ]),
    "devices": Rule(anyOf: [
      "Equalizer": "equalizer", "Compressor": "compressor", "NoiseGate": "gate",
      "Limiter": "limiter",
    ]),
    "sends": Rule(sequence: [("Send", "send", 0, .max)]),
    "send": Rule(
      optional: referenceable.merging([
        "destination": .reference, "type": .oneOf(["pre", "post"]),
      ]) { $1 },
      sequence: [("Enable", "bool", 0, 1), ("Pan", "real", 0, 1), ("Volume", "real", 1, 1)]),
    "equalizer": device(
      [("InputGain", "real"), ("OutputGain", "real")], repeated: ("Band", "band")),
    "band": Rule(
      required: [
        "type": .oneOf([
          "highPass", "lowPass", "bandPass", "highShelf", "lowShelf", "bell", "notch",
        ])
      ], optional: ["order": .integer],
      sequence: [
        ("Freq", "real", 1, 1), ("Gain", "real", 0, 1), ("Q", "real", 0, 1),
        ("Enabled", "bool", 0, 1),
      ]),
    "compressor": device([
      ("Attack", "real"), ("AutoMakeup", "bool"), ("InputGain", "real"), ("OutputGain", "real"),
      ("Ratio", "real"), ("Release", "real"), ("Threshold", "real"),
    ]),
    "gate": device([
      ("Attack", "real"), ("Range", "real"), ("Ratio", "real"), ("Release", "real"),
      ("Threshold", "real"),
    ]),
    "limiter": device([
      ("Attack", "real"), ("InputGain", "real"), ("OutputGain", "real"), ("Release", "real"),
      ("Threshold", "real"),
    ]),
    "arrangement": Rule(optional: referenceable, sequence: [("Lanes", "lanes", 0, 1)]),
    "lanes": Rule(
      optional: timeline, anyOf: ["Lanes": "lanes", "Clips": "clips", "Audio": "audio"]),
    "clips": Rule(optional: timeline, sequence: [("Clip", "clip", 0, .max)]),
    "clip": Rule(
      required: ["time": .number],
      optional: nameable.merging([
        "duration": .number, "contentTimeUnit": .oneOf(["beats", "seconds"]),
        "playStart": .number, "playStop": .number,
      ]) { $1 }, sequence: [("Audio", "audio", 0, 1)]),
    "audio": Rule(
      required: ["channels": .integer, "sampleRate": .integer, "duration": .number],
      optional: timeline.merging(["algorithm": .text]) { $1 }, sequence: [("File", "file", 1, 1)]),
    "file": Rule(required: ["path": .text], optional: ["external": .boolean]),
  ]

  private(set) var problems: [String] = []
  private var identifiers: Set<String> = []
  private var references: [String] = []

  /// What breaks the rules; nothing for a sound project.
  static func problems(_ project: ParsedElement) -> [String] {
    guard project.name == "Project" else { return ["the root is \(project.name)"] }
    var schema = DAWProjectSchema()
    schema.check(project, "project")
    for reference in schema.references where !schema.identifiers.contains(reference) {
      schema.problems.append("\(reference) refers to nothing")
    }
    return schema.problems
  }

  private mutating func check(_ element: ParsedElement, _ type: String) {
    guard let rule = Self.rules[type] else {
      problems.append("no rule for \(type)")
      return
    }
    for name in rule.required.keys where element.attributes[name] == nil {
      problems.append("\(element.name) lacks \(name)")
    }
    for (name, value) in element.attributes {
      guard let kind = rule.required[name] ?? rule.optional[name] else {
        problems.append("\(element.name) has \(name)")
        continue
      }
      check(value, kind, "\(element.name)@\(name)")
    }
    if !rule.anyOf.isEmpty {
      for child in element.children {
        if let type = rule.anyOf[child.name] {
          check(child, type)
        } else {
          problems.append("\(element.name) contains \(child.name)")
        }
      }
      return
    }
    var rest = element.children[...]
    for step in rule.sequence {
      var count = 0
      while let child = rest.first, child.name == step.name, count < step.maximum {
        check(child, step.type)
        rest = rest.dropFirst()
        count += 1
      }
      if count < step.minimum { problems.append("\(element.name) lacks \(step.name)") }
    }
    if let child = rest.first {
      problems.append("\(element.name) contains \(child.name), or not in this place")
    }
  }

  private mutating func check(_ value: String, _ kind: Kind, _ place: String) {
    let isSound: Bool
    switch kind {
    case .text: isSound = true
    case .number: isSound = Double(value)?.isFinite == true
    case .integer: isSound = Int32(value) != nil
    case .boolean: isSound = value == "true" || value == "false"
    case .oneOf(let values): isSound = values.contains(value)
    case .reference:
      references.append(value)
      isSound = true
    case .identifier:
      // xs:ID is an NCName, each once.
      isSound =
        value.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.-]*/) != nil
        && identifiers.insert(value).inserted
    }
    if !isSound { problems.append("\(place) is “\(value)”") }
  }
}
