// SPDX-License-Identifier: MIT
internal import CSndfile

/// Encodes planar floats with libsndfile.
///
/// Integers are rounded here, not by libsndfile, which scales by 32767 or truncates.
final class SoundFileEncoder {
  /// libvorbis takes memory from the stack for what one call brings.
  private static let sliceFrameCount = 2_048

  private let encoding: SoundFileEncoding
  private let destination: DestinationFile
  private var pointer: OpaquePointer?
  private var floats: [Float] = []  // (sliceFrameCount, channels), interleaved
  private var shorts: [Int16] = []
  private var ints: [Int32] = []

  init(_ encoding: SoundFileEncoding, destination: DestinationFile) throws(AudioError) {
    self.encoding = encoding
    self.destination = destination
    var info = encoding.info
    var failure: Int32 = 0
    guard
      let pointer = destination.file.open(
        mode: Int32(SFM_WRITE), info: &info, failure: &failure)
    else {
      if destination.file.failure != 0 {
        throw .system(destination.file.failure, path: destination.path, action: "write it")
      }
      throw AudioError(
        code: .unsupported, path: destination.path,
        message: "cannot be encoded (\(String(cString: sf_error_number(failure))))")
    }
    self.pointer = pointer
    encoding.configure(pointer)
    let room = Self.sliceFrameCount * Int(info.channels)
    switch encoding.sampleKind {
    case .int16: shorts = [Int16](repeating: 0, count: room)
    case .int24: ints = [Int32](repeating: 0, count: room)
    case .clippedFloat, .float: floats = [Float](repeating: 0, count: room)
    }
  }

  deinit {
    if let pointer { sf_close(pointer) }
  }

  /// Encodes all frames of `buffer`, (channels, frames).
  func write(_ buffer: AudioBuffer) throws(AudioError) {
    var start = 0
    while start < buffer.frameCount {
      let count = min(Self.sliceFrameCount, buffer.frameCount - start)
      let written = encode(buffer, start: start, count: count)
      guard written == count, destination.file.failure == 0 else { throw failure() }
      start += count
    }
  }

  /// Writes what the codec still holds and the final header.
  func close() throws(AudioError) {
    guard let pointer else { return }
    self.pointer = nil
    let result = sf_close(pointer)
    if encoding.isWave {
      PlainWaveHeader.write(to: destination.file, isFloat: encoding.sampleKind == .float)
    }
    guard result == 0, destination.file.failure == 0 else { throw failure() }
    if encoding.format == .wavFloat32 { destination.clearTimeOfPeak() }
  }

  private func encode(_ buffer: AudioBuffer, start: Int, count: Int) -> Int {
    let frames = sf_count_t(count)
    switch encoding.sampleKind {
    case .int16:
      interleave(buffer, start: start, count: count, into: &shorts) {
        // Adding 1.5 × 2^23 rounds to the nearest step without a call.
        let magic: Float = 12_582_912
        let clipped = $0.isNaN ? 0 : max(-32_768, min(32_767, $0 * 32_768))
        return Int16((clipped + magic) - magic)
      }
      return Int(sf_writef_short(pointer, shorts, frames))
    case .int24:
      // libsndfile takes the upper 24 of 32 bits.
      interleave(buffer, start: start, count: count, into: &ints) {
        Int32(quantize($0, scale: 8_388_608)) << 8
      }
      return Int(sf_writef_int(pointer, ints, frames))
    case .clippedFloat:
      interleave(buffer, start: start, count: count, into: &floats) {
        $0.isNaN ? 0 : max(-1, min(1, $0))
      }
      return Int(sf_writef_float(pointer, floats, frames))
    case .float:
      interleave(buffer, start: start, count: count, into: &floats) { $0.isNaN ? 0 : $0 }
      return Int(sf_writef_float(pointer, floats, frames))
    }
  }

  /// Rounds to the nearest step and clips to the range of a two's complement integer.
  private func quantize(_ sample: Float, scale: Float) -> Float {
    guard !sample.isNaN else { return 0 }
    return max(-scale, min(scale - 1, (sample * scale).rounded(.toNearestOrEven)))
  }

  private func interleave<Sample>(
    _ buffer: AudioBuffer, start: Int, count: Int, into output: inout [Sample],
    _ convert: (Float) -> Sample
  ) {
    let channelCount = buffer.channelCount
    output.withUnsafeMutableBufferPointer { output in
      for channel in 0..<channelCount {
        buffer.withChannel(channel) { input in
          for frame in 0..<count {
            output[frame * channelCount + channel] = convert(input[start + frame])
          }
        }
      }
    }
  }

  private func failure() -> AudioError {
    if destination.file.failure != 0 {
      return .system(destination.file.failure, path: destination.path, action: "write it")
    }
    let reason = pointer.map { String(cString: sf_strerror($0)) } ?? "the encoder failed"
    return AudioError(
      code: .io, path: destination.path, message: "cannot write it: \(reason)")
  }
}
