// SPDX-License-Identifier: MIT
/// The `ffmpeg` and `ffprobe` programs and how they are called.
struct FFmpegTools {
  let ffmpeg: String
  let ffprobe: String

  /// Finds both programs, or nil if one is missing.
  ///
  /// - Parameter searchPath: Absolute folders separated by colons; `PATH` by default.
  init?(searchPath: String?) {
    guard let ffmpeg = ProgramSearch.find("ffmpeg", searchPath: searchPath),
      let ffprobe = ProgramSearch.find("ffprobe", searchPath: searchPath)
    else { return nil }
    self.ffmpeg = ffmpeg
    self.ffprobe = ffprobe
  }

  /// The demuxers that may be used: containers of audio, and nothing that refers to other files
  /// (playlists, concat scripts, SDP and the like).
  private static let demuxers = [
    "aac", "ac3", "aiff", "amr", "ape", "asf", "au", "avi", "caf", "dsf", "dts", "eac3", "flac",
    "flv", "matroska", "mov", "mp3", "mpc", "mpc8", "mpeg", "mpegts", "ogg", "tak", "truehd", "tta",
    "w64", "wav", "wv",
  ]

  /// Options that open `path`, an absolute path, as a local file and nothing else.
  static func inputOptions(_ path: String) -> [String] {
    [
      "-protocol_whitelist", "file,pipe", "-format_whitelist", demuxers.joined(separator: ","),
      "-i", "file:\(path)",
    ]
  }

  /// Turns the last line of FFmpeg's log that says something into the end of a sentence.
  static func reason(fromLog log: String, path: String) -> String {
    let lines = log.split(whereSeparator: \.isNewline).map { line in
      var text = String(line)
      for prefix in ["file:\(path): ", "\(path): "] where text.hasPrefix(prefix) {
        text.removeFirst(prefix.count)
      }
      // "[mov,mp4 @ 0x5581] moov atom not found": the address is noise.
      if text.hasPrefix("["), let end = text.firstRange(of: "] ") {
        text.removeSubrange(..<end.upperBound)
      }
      return text
    }
    let generic = "Invalid data found when processing input"
    return lines.last { $0 != generic } ?? lines.last ?? "no reason given"
  }
}

/// What `ffprobe` says about the first audio stream of a file.
struct FFmpegProbe {
  let codec: String
  let sampleRate: Int
  let channelCount: Int
  let roles: [ChannelRole]?
  /// The length of the stream in seconds, if the container says so.
  let streamDuration: Double?
  /// The length of the longest stream in seconds, which may be a picture track's.
  let fileDuration: Double?
  /// How sure FFmpeg is of the container, 0 to 100.
  let score: Int

  /// Reads the output of `ffprobe -of flat`; nil if there is no audio stream in it.
  init?(flat text: String) {
    var values: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      guard let equals = line.firstIndex(of: "=") else { continue }
      let key = line[..<equals].split(separator: ".").suffix(2).joined(separator: ".")
      values[key] = line[line.index(after: equals)...].filter { $0 != "\"" }
    }
    guard let codec = values["0.codec_name"], let rate = values["0.sample_rate"].flatMap(Int.init),
      let channels = values["0.channels"].flatMap(Int.init)
    else { return nil }
    self.codec = codec
    sampleRate = rate
    channelCount = channels
    roles = values["0.channel_layout"].flatMap(ChannelRole.ffmpegLayout)
    func seconds(_ key: String) -> Double? {
      values[key].flatMap(Double.init).flatMap { $0 > 0 && $0 < 1e9 ? $0 : nil }
    }
    streamDuration = seconds("0.duration")
    fileDuration = seconds("format.duration")
    score = values["format.probe_score"].flatMap(Int.init) ?? 0
  }
}
