// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// Writes stereo WAV files, with a broadcast extension where one is wanted; RF64 where they exceed 4 GB (EBU
/// Tech 3306).
struct WaveEncoder {
  let sampleRate: Int
  let sampleFormat: SessionExporter.SampleFormat
  let frameCount: Int
  /// A factor for all samples.
  var gain: Float = 1
  var broadcast: BroadcastExtension?

  private var frameByteCount: Int { sampleFormat == .int24 ? 6 : 8 }

  /// The length of the file in bytes.
  var byteCount: Int { header.count + frameCount * frameByteCount }

  /// Everything before the samples.
  var header: [UInt8] {
    let dataByteCount = frameCount * frameByteCount
    var chunks: [UInt8] = []
    if let broadcast { Self.append("bext", broadcast.bytes, to: &chunks) }
    var format: [UInt8] = []
    format.appendLittleEndian((sampleFormat == .int24 ? 1 : 3) as UInt16)
    format.appendLittleEndian(2 as UInt16)
    format.appendLittleEndian(UInt32(sampleRate))
    format.appendLittleEndian(UInt32(sampleRate * frameByteCount))
    format.appendLittleEndian(UInt16(frameByteCount))
    format.appendLittleEndian(UInt16(4 * frameByteCount))
    if sampleFormat == .float32 { format.appendLittleEndian(0 as UInt16) }
    Self.append("fmt ", format, to: &chunks)
    if sampleFormat == .float32 {
      var fact: [UInt8] = []
      fact.appendLittleEndian(UInt32(clamping: frameCount))
      Self.append("fact", fact, to: &chunks)
    }
    let size = 4 + chunks.count + 8 + dataByteCount
    let isLarge = size > 0xFFFF_FFFE
    var header = Array((isLarge ? "RF64" : "RIFF").utf8)
    header.appendLittleEndian(isLarge ? .max : UInt32(size))
    header += Array("WAVE".utf8)
    if isLarge {
      var sizes: [UInt8] = []
      sizes.appendLittleEndian(UInt64(size + 36))
      sizes.appendLittleEndian(UInt64(dataByteCount))
      sizes.appendLittleEndian(UInt64(frameCount))
      sizes.appendLittleEndian(0 as UInt32)
      Self.append("ds64", sizes, to: &header)
    }
    header += chunks
    header += Array("data".utf8)
    header.appendLittleEndian(isLarge ? .max : UInt32(dataByteCount))
    return header
  }

  private static func append(_ name: String, _ contents: [UInt8], to bytes: inout [UInt8]) {
    bytes += Array(name.utf8)
    bytes.appendLittleEndian(UInt32(contents.count))
    bytes += contents
    if contents.count % 2 == 1 { bytes.append(0) }
  }

  /// Writes the file.
  ///
  /// - Parameter progress: Called with the frames of every block written.
  /// - Returns: How many samples were beyond full scale.
  func write(
    _ spool: SampleSpool, to sink: any ByteSink, signal: CancellationSignal,
    progress: (Int) -> Void = { _ in }
  ) throws(MixdownError) -> Int {
    try sink.append(header)
    var clipped = 0
    var start = 0
    while start < frameCount {
      try signal.check()
      let count = min(MixRun.blockFrames, frameCount - start)
      let block = try spool.read(from: start, count: count)
      try sink.append(encode(block, &clipped))
      start += count
      progress(count)
    }
    return clipped
  }

  private func encode(_ block: AudioBuffer, _ clipped: inout Int) -> [UInt8] {
    let count = block.frameCount
    var beyond = 0
    let gain = gain
    let isInteger = sampleFormat == .int24
    let bytes = [UInt8](unsafeUninitializedCapacity: count * frameByteCount) { bytes, filled in
      filled = count * frameByteCount
      guard let output = bytes.baseAddress else { return }
      block.samples.withUnsafeBufferPointer { samples in
        var place = 0
        for frame in 0..<count {
          for channel in 0..<2 {
            let sample = samples[channel * count + frame] * gain
            if abs(sample) > 1 { beyond += 1 }
            if isInteger {
              let scaled = (sample * 8_388_608).rounded(.toNearestOrEven)
              let value = Int32(max(-8_388_608, min(8_388_607, scaled)))
              output[place] = UInt8(truncatingIfNeeded: value)
              output[place + 1] = UInt8(truncatingIfNeeded: value >> 8)
              output[place + 2] = UInt8(truncatingIfNeeded: value >> 16)
              place += 3
            } else {
              let bits = sample.bitPattern
              output[place] = UInt8(truncatingIfNeeded: bits)
              output[place + 1] = UInt8(truncatingIfNeeded: bits >> 8)
              output[place + 2] = UInt8(truncatingIfNeeded: bits >> 16)
              output[place + 3] = UInt8(truncatingIfNeeded: bits >> 24)
              place += 4
            }
          }
        }
      }
    }
    clipped += beyond
    return bytes
  }
}
