// SPDX-License-Identifier: MIT
import MixCore

/// The documents of a DAWproject archive, version 1.0 (github.com/bitwig/dawproject; `Project.xsd`,
/// `MetaData.xsd`).
///
/// The order of elements is that of the schema. Every track is a `Track` with one `Channel`; its audio is one
/// clip at the start of an arrangement in seconds.
struct DAWProject {
  private static let masterChannel = "master-channel"
  private static let sendChannel = "send-channel"
  /// Volume goes up to 2, +6 dB.
  private static let maximumVolume = 2.0

  let session: Session
  let applicationVersion: String

  /// `metadata.xml`.
  static func metadata(title: String, notes: [String]) -> XMLElement {
    XMLElement(
      "MetaData", [],
      [
        XMLElement("Title", text: title),
        XMLElement("Comment", text: (["Exported by Tonmeister."] + notes).joined(separator: "\n")),
      ])
  }

  /// `project.xml`.
  var project: XMLElement {
    var tracks = session.strips.indices.map { track($0) }
    if let send = session.sendChannel { tracks.append(sendTrack(send)) }
    tracks.append(masterTrack)
    return XMLElement(
      "Project", [("version", "1.0")],
      [
        XMLElement("Application", [("name", "Tonmeister"), ("version", applicationVersion)]),
        XMLElement(
          "Transport", [],
          [
            XMLElement(
              "Tempo",
              [
                ("max", "666"), ("min", "20"), ("unit", "bpm"), ("value", "120"), ("id", "tempo"),
                ("name", "Tempo"),
              ]),
            XMLElement(
              "TimeSignature",
              [("denominator", "4"), ("numerator", "4"), ("id", "time-signature")]),
          ]),
        XMLElement("Structure", [], tracks),
        arrangement,
        XMLElement("Scenes"),
      ])
  }

  private func track(_ index: Int) -> XMLElement {
    let strip = session.strips[index]
    let id = "track\(index + 1)"
    let amplitude = Track.amplitude(gainDB: strip.gainDB)
    let volume = min(amplitude, Self.maximumVolume)
    // What the fader has no room for goes behind the processors.
    let excessDB = amplitude > volume ? Decibels.level(amplitude: amplitude / volume) : 0
    var children: [XMLElement] = []
    let devices = DAWProjectDevices(prefix: id).track(strip.processors, outputGainDB: excessDB)
    if !devices.isEmpty { children.append(XMLElement("Devices", [], devices)) }
    children.append(mute(id, strip.isMuted))
    children.append(pan(id, strip.pan))
    if let sendDB = strip.sendDB, session.sendChannel != nil {
      let level = XMLElement(
        "Volume",
        [
          ("max", "4"), ("min", "0"), ("unit", "linear"),
          ("value", decimalText(Decibels.amplitude(sendDB))), ("id", "\(id)-send-volume"),
        ])
      let enable = XMLElement("Enable", [("value", "true"), ("id", "\(id)-send-enable")])
      children.append(
        XMLElement(
          "Sends", [],
          [
            XMLElement(
              "Send",
              [
                ("destination", Self.sendChannel), ("type", "post"), ("id", "\(id)-send"),
                ("name", Session.SendChannel.name),
              ], [enable, level])
          ]))
    }
    children.append(self.volume(id, volume))
    let channel = XMLElement(
      "Channel",
      [
        ("audioChannels", "2"), ("destination", Self.masterChannel), ("role", "regular"),
        ("solo", strip.isSoloed ? "true" : "false"), ("id", "\(id)-channel"),
      ], children)
    return XMLElement(
      "Track",
      [("contentType", "audio"), ("loaded", "true"), ("id", id), ("name", strip.name)], [channel])
  }

  /// Where the sends lead to: muted, since without a reverb it would double the tracks.
  private func sendTrack(_ send: Session.SendChannel) -> XMLElement {
    let amplitude = min(Track.amplitude(gainDB: send.gainDB), Self.maximumVolume)
    let channel = XMLElement(
      "Channel",
      [
        ("audioChannels", "2"), ("destination", Self.masterChannel), ("role", "effect"),
        ("solo", "false"), ("id", Self.sendChannel),
      ], [mute("send", true), pan("send", 0), volume("send", amplitude)])
    return XMLElement(
      "Track",
      [
        ("contentType", "audio"), ("loaded", "true"), ("id", "send"),
        ("name", Session.SendChannel.name),
        (
          "comment",
          "Put a reverb here, unmute this channel and mute the track with the printed reverb."
        ),
      ], [channel])
  }

  private var masterTrack: XMLElement {
    let (devices, gainDB) = DAWProjectDevices(prefix: "master")
      .master(
        session.master, loudnessGainDB: session.loudnessGainDB, limiter: session.limiter)
    var children: [XMLElement] = []
    if !devices.isEmpty { children.append(XMLElement("Devices", [], devices)) }
    children.append(mute("master", false))
    children.append(pan("master", 0))
    children.append(
      volume("master", min(Track.amplitude(gainDB: gainDB), Self.maximumVolume)))
    let channel = XMLElement(
      "Channel",
      [
        ("audioChannels", "2"), ("role", "master"), ("solo", "false"), ("id", Self.masterChannel),
      ], children)
    return XMLElement(
      "Track",
      [("contentType", "audio"), ("loaded", "true"), ("id", "master"), ("name", "Master")],
      [channel])
  }

  private func mute(_ id: String, _ isOn: Bool) -> XMLElement {
    XMLElement(
      "Mute", [("value", isOn ? "true" : "false"), ("id", "\(id)-mute"), ("name", "Mute")])
  }

  private func pan(_ id: String, _ pan: Double) -> XMLElement {
    XMLElement(
      "Pan",
      [
        ("max", "1"), ("min", "0"), ("unit", "normalized"), ("value", decimalText((pan + 1) / 2)),
        ("id", "\(id)-pan"), ("name", "Pan"),
      ])
  }

  private func volume(_ id: String, _ amplitude: Double) -> XMLElement {
    XMLElement(
      "Volume",
      [
        ("max", "2"), ("min", "0"), ("unit", "linear"), ("value", decimalText(amplitude)),
        ("id", "\(id)-volume"), ("name", "Volume"),
      ])
  }

  private var arrangement: XMLElement {
    let length = decimalText(session.seconds)
    let lanes = session.strips.enumerated().map { index, strip in
      let id = "track\(index + 1)"
      let audio = XMLElement(
        "Audio",
        [
          ("channels", "2"), ("duration", length), ("sampleRate", "\(session.sampleRate)"),
          ("timeUnit", "seconds"), ("id", "\(id)-audio"),
        ], [XMLElement("File", [("path", strip.file)])])
      let clip = XMLElement(
        "Clip",
        [
          ("time", "0"), ("duration", length), ("contentTimeUnit", "seconds"), ("playStart", "0"),
          ("playStop", length), ("name", strip.name),
        ], [audio])
      return XMLElement(
        "Lanes", [("track", id), ("id", "\(id)-lanes")],
        [XMLElement("Clips", [("id", "\(id)-clips")], [clip])])
    }
    return XMLElement(
      "Arrangement", [("id", "arrangement")],
      [XMLElement("Lanes", [("timeUnit", "seconds"), ("id", "arrangement-lanes")], lanes)])
  }
}
