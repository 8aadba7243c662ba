// SPDX-License-Identifier: MIT
import MixCore

/// A REAPER project: a tree of blocks, a line for each value.
///
/// REAPER's own effects keep their settings as opaque data, so that none are written: the audio has gone
/// through everything before the faders. Gains, pans, mutes, solos and sends are REAPER's.
struct ReaperProject {
  let session: Session

  /// The text of the `.rpp` file.
  var text: String {
    var lines = [
      "<REAPER_PROJECT 0.1 \"7.0\" 0",
      "  RIPPLE 0",
      "  PANLAW 1",
      "  SAMPLERATE \(session.sampleRate) 1 0",
      "  TEMPO 120 4 4",
      "  MASTER_VOLUME \(decimalText(Decibels.amplitude(session.sumGainDB))) 0 -1 -1 1",
      "  MASTER_NCH 2 2",
    ]
    for index in session.strips.indices { lines += track(index) }
    if let send = session.sendChannel { lines += sendTrack(send) }
    lines.append(">")
    return lines.joined(separator: "\n") + "\n"
  }

  private func track(_ index: Int) -> [String] {
    let strip = session.strips[index]
    return [
      "  <TRACK \(Self.identifier(2 * index))",
      "    NAME \(Self.quoted(strip.name))",
      "    VOLPAN \(decimalText(Track.amplitude(gainDB: strip.gainDB))) \(decimalText(strip.pan))"
        + " -1 -1 1",
      // Solo in place: what it sends goes on sounding.
      "    MUTESOLO \(strip.isMuted ? 1 : 0) \(strip.isSoloed ? 2 : 0) 0",
      "    NCHAN 2",
      "    MAINSEND 1 0",
      "    <ITEM",
      "      POSITION 0",
      "      LENGTH \(decimalText(session.seconds))",
      "      LOOP 0",
      "      IGUID \(Self.identifier(2 * index + 1))",
      "      NAME \(Self.quoted(strip.name))",
      "      VOLPAN 1 0 1 -1",
      "      SOFFS 0",
      "      <SOURCE WAVE",
      "        FILE \(Self.quoted(strip.file))",
      "      >",
      "    >",
      "  >",
    ]
  }

  /// Where the sends lead to: muted, since without a reverb it would double the tracks.
  private func sendTrack(_ send: Session.SendChannel) -> [String] {
    var lines = [
      "  <TRACK \(Self.identifier(2 * session.strips.count))",
      "    NAME \(Self.quoted(Session.SendChannel.name))",
      "    VOLPAN \(decimalText(Track.amplitude(gainDB: send.gainDB))) 0 -1 -1 1",
      "    MUTESOLO 1 0 0",
      "    NCHAN 2",
      "    MAINSEND 1 0",
    ]
    for (index, strip) in session.strips.enumerated() {
      guard let sendDB = strip.sendDB else { continue }
      // From which track, 0: behind its fader, level, pan, no mute.
      lines.append(
        "    AUXRECV \(index) 0 \(decimalText(Decibels.amplitude(sendDB))) 0 0 0 0 0 0 -1:U 0 -1 ''"
      )
    }
    lines.append("  >")
    return lines
  }

  /// Text in the first of REAPER's quotation marks that it does not contain, on one line.
  static func quoted(_ text: String) -> String {
    let line = String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .lineSeparator, .paragraphSeparator: " "
          default: scalar
          }
        }))
    for mark in ["\"", "'", "`"] where !line.contains(mark) { return mark + line + mark }
    return "`" + line.replacing("`", with: "'") + "`"
  }

  /// A GUID that is the same every time.
  static func identifier(_ number: Int) -> String {
    let digits = String(number + 1, radix: 16, uppercase: true)
    let padded = String(repeating: "0", count: 12 - digits.utf8.count) + digits
    return "{746F6E6D-6569-4374-8E72-\(padded)}"
  }
}
