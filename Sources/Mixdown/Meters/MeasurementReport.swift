// SPDX-License-Identifier: MIT

/// A measurement in JSON; levels of silence are left out.
package struct MeasurementReport: Encodable {
  struct Octave: Encodable {
    var centreHz: Double
    var levelDB: Double?
  }

  /// The file as it is shown.
  package var file: String
  var seconds: Double
  var frames: Int
  var sampleRate: Int
  var channels: Int
  var integratedLUFS: Double?
  var maximumShortTermLUFS: Double?
  var maximumMomentaryLUFS: Double?
  var rangeLU: Double
  var truePeakDB: Double?
  var samplePeakDB: Double?
  var rmsDB: Double?
  var crestDB: Double
  var width: Double?
  var correlation: Double
  var balance: Double
  var octaves: [Octave]
  var warnings: [String]

  /// The report of a file.
  package init(_ m: FileMeasurement) {
    file = m.path
    seconds = m.seconds
    frames = m.frameCount
    sampleRate = m.sampleRate
    channels = m.channelCount
    integratedLUFS = m.integratedLUFS.ifFinite
    maximumShortTermLUFS = m.maximumShortTermLUFS.ifFinite
    maximumMomentaryLUFS = m.maximumMomentaryLUFS.ifFinite
    rangeLU = m.rangeLU
    truePeakDB = m.truePeakDB.ifFinite
    samplePeakDB = m.samplePeakDB.ifFinite
    rmsDB = m.rmsDB.ifFinite
    crestDB = m.crestDB
    width = m.width.ifFinite
    correlation = m.correlation
    balance = m.balance
    octaves = m.octaves.map { Octave(centreHz: $0.centreHz, levelDB: $0.levelDB.ifFinite) }
    warnings = m.warnings
  }
}

extension Double {
  /// The number, or nil where JSON has none for it.
  package var ifFinite: Double? { isFinite ? self : nil }
}
