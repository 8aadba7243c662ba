// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore

/// Writes what was rendered in the format of an export.
struct ExportWriter {
  /// Names of what is no track of the plan.
  private static let reverbName = "Reverb"
  private static let mixName = "mix"

  let exporter: SessionExporter
  let place: ExportPlace
  let render: SessionRender
  let mix: LevelledMix
  let sampleRate: Int
  let signal: CancellationSignal
  /// Takes the part that is done, 0…1.
  let progress: (Double) -> Void

  private var plan: MixPlan { exporter.plan }
  private var options: SessionExporter.Options { exporter.options }
  private var frameCount: Int { render.master.frameCount }

  /// Writes everything and gives it its names.
  func run() throws(MixdownError) -> SessionExport {
    switch exporter.format {
    case .dawproject: try writeDAWProject()
    case .reaper: try writeReaperProject()
    case .stemMP4: try writeStemFile()
    case .bwf: try writeBroadcastFiles()
    }
  }

  // MARK: - Sessions

  private var title: String {
    if let title = options.title { return title }
    var name = place.name
    for ending in [".dawproject", ".stem.mp4", ".stem.m4a"]
    where name.lowercased().hasSuffix(ending) {
      name.removeLast(ending.count)
    }
    return name
  }

  /// The tracks of a session with their audio, the reverb last.
  private func session() -> (session: Session, spools: [SampleSpool]) {
    var names = FileNames()
    var spools = render.tracks
    let hasSolo = plan.tracks.contains(where: \.solo)
    var strips = plan.tracks.map { track in
      var strip = Session.Strip(name: track.name, file: "audio/\(names.claim(track.name)).wav")
      guard !options.isProcessed else { return strip }
      strip.gainDB = track.gainDB
      strip.pan = track.pan
      strip.isMuted = track.mute
      strip.isSoloed = track.solo
      strip.sendDB = plan.reverb != nil && track.isSending ? track.reverbSendDB : nil
      strip.processors = exporter.format == .dawproject ? track : nil
      return strip
    }
    var sends: Session.SendChannel?
    if let reverb = render.reverb {
      var strip = Session.Strip(
        name: Self.reverbName, file: "audio/\(names.claim(Self.reverbName)).wav")
      // What is soloed is heard with its reverb.
      strip.isSoloed = hasSolo && !options.isProcessed
      strips.append(strip)
      spools.append(reverb)
      if !options.isProcessed { sends = .init(gainDB: plan.reverb?.gainDB ?? 0) }
    }
    let session = Session(
      title: title, sampleRate: sampleRate, frameCount: frameCount, strips: strips,
      sendChannel: sends, master: plan.master, loudnessGainDB: mix.gainDB,
      sumGainDB: render.sumGainDB + mix.gainDB, limiter: mix.limiter)
    return (session, spools)
  }

  private var notes: [String] {
    ExportNotes(
      plan: plan, format: exporter.format, isProcessed: options.isProcessed,
      hasLimiter: mix.limiter != nil
    ).sentences
  }

  private func encoder(_ standard: SessionExporter.SampleFormat = .float32) -> WaveEncoder {
    WaveEncoder(
      sampleRate: sampleRate, sampleFormat: options.sampleFormat ?? standard,
      frameCount: frameCount)
  }

  private func writeDAWProject() throws(MixdownError) -> SessionExport {
    let (session, spools) = session()
    let document = DAWProject(session: session, applicationVersion: options.applicationVersion)
    let project = document.project.document
    let metadata = DAWProject.metadata(title: title, notes: notes).document
    let encoder = encoder()
    let members =
      [("project.xml", project.count), ("metadata.xml", metadata.count)]
      + session.strips.map { ($0.file, encoder.byteCount) }
    guard ZipArchiveWriter.byteCount(members: members) <= ZipArchiveWriter.maximumByteCount else {
      throw ZipArchiveWriter.tooLarge(place.path)
    }
    let archive = ZipArchiveWriter(sink: try place.makeFile(place.path))
    try archive.add("project.xml", project)
    try archive.add("metadata.xml", metadata)
    var clipped: [Int] = []
    for (index, strip) in session.strips.enumerated() {
      try archive.add(strip.file) { (sink) throws(MixdownError) in
        clipped.append(try write(spools[index], encoder, to: sink, index, of: spools.count))
      }
    }
    try archive.finish()
    return try finish(
      opened: place.path, names: session.strips.map(\.name),
      warnings: clipWarnings(session.strips.map(\.name), clipped, encoder))
  }

  private func writeReaperProject() throws(MixdownError) -> SessionExport {
    let (session, spools) = session()
    let folder = place.path
    try place.makeFolder(folder)
    try place.makeFolder("\(folder)/audio")
    let encoder = encoder()
    var clipped: [Int] = []
    for (index, strip) in session.strips.enumerated() {
      let file = try place.makeFile("\(folder)/\(strip.file)")
      clipped.append(try write(spools[index], encoder, to: file, index, of: spools.count))
    }
    // Last, so that the project never refers to what is not there.
    let path = "\(folder)/\(place.name).rpp"
    let file = try place.makeFile(path)
    try file.append(Array(ReaperProject(session: session).text.utf8))
    return try finish(
      opened: path, names: session.strips.map(\.name),
      warnings: clipWarnings(session.strips.map(\.name), clipped, encoder))
  }

  // MARK: - Files of audio

  private func writeStemFile() throws(MixdownError) -> SessionExport {
    guard let finished = mix.spool else { return try finish(opened: "", names: [], warnings: []) }
    let order = StemFile.order(plan.tracks.map(\.name))
    let names = order.map { plan.tracks[$0].name }
    // As loud as they are within the mix.
    let gainDB = render.sumGainDB + mix.gainDB
    let parts =
      [(spool: finished, gainDB: 0.0)]
      + order.map { (spool: render.tracks[$0], gainDB: gainDB) }
    let file = StemFile(
      path: place.path, sampleRate: sampleRate, isLossless: options.isLossless, title: title,
      signal: signal)
    let (sink, clipped) = try file.write(parts: parts, names: names, progress: progress)
    place.adopt(sink)
    var warnings: [String] = []
    for (name, count) in zip([Self.mixName] + names, clipped) where count > 0 {
      warnings.append(
        "\(name): \(count) samples are beyond full scale and may be clipped; lower the loudness of "
          + "the plan.")
    }
    return try finish(opened: place.path, names: [Self.mixName] + names, warnings: warnings)
  }

  private func writeBroadcastFiles() throws(MixdownError) -> SessionExport {
    guard let finished = mix.spool else { return try finish(opened: "", names: [], warnings: []) }
    var names = FileNames()
    var parts: [(name: String, file: String, spool: SampleSpool)] = [
      (Self.mixName, names.claim(Self.mixName), finished)
    ]
    let reverbFile = names.claim(Self.reverbName.lowercased())
    for (track, spool) in zip(plan.tracks, render.tracks) {
      parts.append((track.name, names.claim(track.name), spool))
    }
    if let reverb = render.reverb { parts.append((Self.reverbName, reverbFile, reverb)) }
    try place.makeFolder(place.path)
    let (date, time) = Self.dateAndTime(options.date)
    var clipped: [Int] = []
    for (index, part) in parts.enumerated() {
      var encoder = encoder(.int24)
      encoder.broadcast = BroadcastExtension(
        description: "\(title): \(part.name)", date: date, time: time,
        loudness: try measure(part.spool))
      let file = try place.makeFile("\(place.path)/\(part.file).wav")
      clipped.append(try write(part.spool, encoder, to: file, index, of: parts.count))
    }
    return try finish(
      opened: place.path, names: parts.map(\.name),
      warnings: clipWarnings(parts.map(\.name), clipped, encoder(.int24)))
  }

  private func measure(_ spool: SampleSpool) throws(MixdownError) -> BroadcastExtension.Loudness {
    let meter = BroadcastMeter(sampleRate: sampleRate)
    var start = 0
    while start < spool.frameCount {
      try signal.check()
      let count = min(MixRun.blockFrames, spool.frameCount - start)
      var block = try spool.read(from: start, count: count)
      block.withStereoBlock { meter.process($0) }
      start += count
    }
    return meter.finish()
  }

  /// “2026-11-21” and “17:30:00”, in Greenwich's time.
  static func dateAndTime(_ date: Date) -> (date: String, time: String) {
    let text = date.formatted(.iso8601)  // 2026-11-21T17:30:00Z
    let parts = text.split(separator: "T")
    guard parts.count == 2 else { return ("", "") }
    return (String(parts[0]), String(parts[1].prefix(8)))
  }

  // MARK: - Steps

  private func write(
    _ spool: SampleSpool, _ encoder: WaveEncoder, to sink: any ByteSink, _ index: Int,
    of count: Int
  ) throws(MixdownError) -> Int {
    var done = 0
    return try encoder.write(spool, to: sink, signal: signal) { frames in
      done += frames
      let part = Double(done) / Double(max(1, encoder.frameCount))
      progress((Double(index) + part) / Double(count))
    }
  }

  private func clipWarnings(
    _ names: [String], _ clipped: [Int], _ encoder: WaveEncoder
  ) -> [String] {
    guard encoder.sampleFormat == .int24 else { return [] }
    return zip(names, clipped).filter { $0.1 > 0 }.map { name, count in
      "\(name): \(count) samples were beyond full scale and were clipped; write 32-bit floats."
    }
  }

  private func finish(
    opened: String, names: [String], warnings: [String]
  ) throws(MixdownError) -> SessionExport {
    let files = try place.finish(signal: signal)
    return SessionExport(
      path: opened, files: files, tracks: names, sampleRate: sampleRate, frameCount: frameCount,
      gainDB: plan.master.gainDB + mix.gainDB, notes: notes, warnings: warnings)
  }
}
