// SPDX-License-Identifier: MIT
internal import CSndfile
import Glibc

/// Decodes a file with libsndfile.
final class SoundFileSource: SampleSource {
  let sampleRate: Int
  let roles: [ChannelRole]
  let declaredFrameCount: Int?
  let codec: String

  private let path: String
  private let handle: SoundFileHandle
  private let isCutShort: Bool

  /// Opens `file`, which begins like a `container`.
  ///
  /// - Throws: ``AudioError`` with code `malformed` for a header that contradicts itself,
  ///   `unsupported` for a codec that libsndfile does not know or a rate or channel count out of
  ///   range.
  init(
    _ file: VirtualFile, container: FileSignature.Container, path: String
  ) throws(AudioError) {
    self.path = path
    let header: DeclaredHeader? =
      switch container {
      case .wave: .wave(file)
      case .aiff: .aiff(file)
      default: nil
      }
    if let channelCount = header?.channelCount {
      try FormatLimits.check(channelCount: channelCount, path: path)
    }
    if let rate = header?.sampleRate {
      try FormatLimits.check(sampleRate: rate, path: path)
    }
    var info = SF_INFO()
    var failure: Int32 = 0
    guard
      let handle = SoundFileHandle(
        file, mode: Int32(SFM_READ), info: &info, failure: &failure)
    else { throw Self.openingError(number: failure, path: path) }
    try FormatLimits.check(channelCount: Int(info.channels), path: path)
    try FormatLimits.check(sampleRate: Double(info.samplerate), path: path)
    sampleRate = Int(info.samplerate)
    let subtype = info.format & Int32(SF_FORMAT_SUBMASK)
    roles = Self.roles(
      of: handle, channelCount: Int(info.channels), container: container,
      isVorbisOrOpus: [Int32(SF_FORMAT_VORBIS), Int32(SF_FORMAT_OPUS)].contains(subtype))
    declaredFrameCount =
      header?.isOpenEnded ?? false ? nil : FormatLimits.declaredFrameCount(Int(info.frames))
    codec = Self.describe(format: info.format)
    isCutShort =
      header?.isCutShort(fileByteCount: file.byteCount) ?? false
      || container == .ogg && !OggEnd.isComplete(file)
    self.handle = handle
  }

  func read(into output: UnsafeMutablePointer<Float>, frameCount: Int) throws(AudioError) -> Int {
    let count = sf_readf_float(handle.pointer, output, sf_count_t(frameCount))
    if handle.file.failure != 0 && count <= 0 {
      throw .system(handle.file.failure, path: path, action: "read it")
    }
    return max(0, Int(count))
  }

  func shortfall(decodedFrameCount: Int) -> String? {
    let decoded = seconds(decodedFrameCount)
    if let declaredFrameCount, decodedFrameCount < declaredFrameCount {
      let all = seconds(declaredFrameCount)
      return "is cut short or damaged: only the first \(decoded) of \(all) could be decoded"
    }
    if isCutShort {
      return "is cut short: its header promises more than the \(decoded) that are there"
    }
    if sf_error(handle.pointer) != SF_ERR_NO_ERROR {
      return "is damaged: nothing after the first \(decoded) could be decoded"
    }
    return nil
  }

  private func seconds(_ frameCount: Int) -> String {
    describeDuration(frameCount: frameCount, sampleRate: sampleRate)
  }

  private static func openingError(number: Int32, path: String) -> AudioError {
    let reason = String(cString: sf_error_number(number))
    switch number {
    case Int32(SF_ERR_UNRECOGNISED_FORMAT), Int32(SF_ERR_UNSUPPORTED_ENCODING):
      return AudioError(
        code: .unsupported, path: path,
        message: "uses a codec that cannot be decoded (\(reason)); convert it to WAV or FLAC")
    default:
      return AudioError(
        code: .malformed, path: path,
        message: "is damaged and cannot be decoded (\(reason)); export or download it again")
    }
  }

  private static func roles(
    of handle: borrowing SoundFileHandle, channelCount: Int, container: FileSignature.Container,
    isVorbisOrOpus: Bool
  ) -> [ChannelRole] {
    if container == .ogg, isVorbisOrOpus,
      let roles = ChannelRole.vorbisOrder(channelCount: channelCount)
    {
      return roles
    }
    var map = [Int32](repeating: 0, count: channelCount)
    let size = Int32(channelCount * MemoryLayout<Int32>.size)
    if sf_command(handle.pointer, Int32(SFC_GET_CHANNEL_MAP_INFO), &map, size) != 0 {
      let roles = map.map { ChannelRole(channelMap: $0) }
      if !roles.contains(.unknown) { return roles }
    }
    return ChannelRole.waveOrder(channelCount: channelCount) ?? []
  }

  /// The names of the format and its encoding, as libsndfile puts them.
  private static func describe(format: Int32) -> String {
    let parts = [Int32(SF_FORMAT_TYPEMASK), Int32(SF_FORMAT_SUBMASK)].compactMap { mask in
      var info = SF_FORMAT_INFO(format: format & mask, name: nil, extension: nil)
      let size = Int32(MemoryLayout<SF_FORMAT_INFO>.size)
      guard sf_command(nil, Int32(SFC_GET_FORMAT_INFO), &info, size) == 0, let name = info.name
      else { return nil as String? }
      return String(cString: name)
    }
    return parts.joined(separator: ", ")
  }
}

extension ChannelRole {
  /// The role behind one of libsndfile's `SF_CHANNEL_MAP_` numbers.
  fileprivate init(channelMap: Int32) {
    switch Int(channelMap) {
    case SF_CHANNEL_MAP_MONO: self = .mono
    case SF_CHANNEL_MAP_LEFT, SF_CHANNEL_MAP_FRONT_LEFT: self = .left
    case SF_CHANNEL_MAP_RIGHT, SF_CHANNEL_MAP_FRONT_RIGHT: self = .right
    case SF_CHANNEL_MAP_CENTER, SF_CHANNEL_MAP_FRONT_CENTER: self = .centre
    case SF_CHANNEL_MAP_LFE: self = .lowFrequency
    case SF_CHANNEL_MAP_SIDE_LEFT: self = .sideLeft
    case SF_CHANNEL_MAP_SIDE_RIGHT: self = .sideRight
    case SF_CHANNEL_MAP_REAR_LEFT: self = .backLeft
    case SF_CHANNEL_MAP_REAR_RIGHT: self = .backRight
    case SF_CHANNEL_MAP_REAR_CENTER: self = .backCentre
    case SF_CHANNEL_MAP_FRONT_LEFT_OF_CENTER: self = .leftOfCentre
    case SF_CHANNEL_MAP_FRONT_RIGHT_OF_CENTER: self = .rightOfCentre
    case SF_CHANNEL_MAP_TOP_FRONT_LEFT, SF_CHANNEL_MAP_TOP_REAR_LEFT: self = .topLeft
    case SF_CHANNEL_MAP_TOP_FRONT_RIGHT, SF_CHANNEL_MAP_TOP_REAR_RIGHT: self = .topRight
    case SF_CHANNEL_MAP_TOP_CENTER, SF_CHANNEL_MAP_TOP_FRONT_CENTER,
      SF_CHANNEL_MAP_TOP_REAR_CENTER:
      self = .topCentre
    default: self = .unknown
    }
  }
}
