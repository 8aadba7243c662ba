// SPDX-License-Identifier: MIT
import Foundation
import MixCore

/// The broadcast extension of a WAV file: the chunk `bext`, version 2 (EBU Tech 3285, 2011).
struct BroadcastExtension {
  /// The length without a coding history, in bytes.
  static let byteCount = 602
  /// What stands for a value that is not known or cannot be written (EBU Tech 3285, 2.4).
  static let unknown: Int16 = 0x7FFF

  /// What the sound is, of which 256 letters are written.
  ///
  /// The standard wants ASCII, and there are readers that take nothing else: accents are left out, and other
  /// letters become “?”.
  var description: String
  /// When it was made: “2026-11-21” and “17:30:00”.
  var date: String
  var time: String
  /// What it measures.
  var loudness: Loudness

  /// The measurements of a file after EBU R 128; not finite where there are none.
  struct Loudness: Equatable {
    var integratedLUFS: Double
    var rangeLU: Double
    var truePeakDB: Double
    var maximumMomentaryLUFS: Double
    var maximumShortTermLUFS: Double
  }

  /// The contents of the chunk.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(Self.ascii(description), fieldLength: 256)
    bytes.append("Tonmeister", fieldLength: 32)
    bytes.append("", fieldLength: 32)  // originator's reference
    bytes.append(date, fieldLength: 10)
    bytes.append(time, fieldLength: 8)
    bytes.appendLittleEndian(0 as UInt64)  // time reference: samples since midnight
    bytes.appendLittleEndian(2 as UInt16)
    bytes.append(contentsOf: repeatElement(0, count: 64))  // no UMID
    for value in [
      loudness.integratedLUFS, loudness.rangeLU, loudness.truePeakDB,
      loudness.maximumMomentaryLUFS, loudness.maximumShortTermLUFS,
    ] { bytes.appendLittleEndian(Self.hundredths(value)) }
    bytes.append(contentsOf: repeatElement(0, count: 180))
    return bytes
  }

  static func ascii(_ text: String) -> String {
    let plain = text.folding(options: .diacriticInsensitive, locale: nil)
    return String(plain.map { ("\u{20}"..."\u{7E}").contains($0) && $0.isASCII ? $0 : "?" })
  }

  /// A value in hundredths, rounded; -99.99…99.99 can be written.
  static func hundredths(_ value: Double) -> Int16 {
    guard value.isFinite, abs(value) < 99.995 else { return unknown }
    return Int16((100 * value).rounded())
  }
}

/// Measures what a broadcast extension tells.
final class BroadcastMeter {
  private let loudness: LoudnessMeter
  private let truePeak = TruePeakMeter(maximumFrameCount: MixRun.blockFrames)

  init(sampleRate: Int) { loudness = LoudnessMeter(sampleRate: Double(sampleRate)) }

  /// Listens to a block of at most `MixRun.blockFrames` frames.
  func process(_ block: StereoBlock) {
    loudness.process(block)
    truePeak.process(block)
  }

  /// What was heard; to be called once, at the end.
  func finish() -> BroadcastExtension.Loudness {
    truePeak.finish()
    return BroadcastExtension.Loudness(
      integratedLUFS: loudness.integratedLUFS, rangeLU: loudness.rangeLU,
      truePeakDB: truePeak.peakDB, maximumMomentaryLUFS: loudness.maximumMomentaryLUFS,
      maximumShortTermLUFS: loudness.maximumShortTermLUFS)
  }
}
