// SPDX-License-Identifier: MIT
import Audio

/// Opens the stems of a mix.
enum StemReaders {
  /// A reader for each file, in their order.
  static func open(
    _ paths: [String], signal: CancellationSignal
  ) throws(MixdownError) -> [AudioReader] {
    var readers: [AudioReader] = []
    for path in paths {
      try signal.check()
      do throws(AudioError) {
        readers.append(try AudioReader(path: path, isCancelled: { signal.isCancelled }))
      } catch { throw .input(error) }
    }
    return readers
  }

  /// How long the mix will be in frames at its rate, where all headers tell.
  static func expectedFrames(
    _ readers: [AudioReader], rate: Int, tailSeconds: Double
  ) -> Int? {
    var longest = 0
    for reader in readers {
      guard let frames = reader.sourceFormat.frameCount else { return nil }
      longest = max(
        longest,
        Resampler.outputLength(
          frames, inputRate: reader.sourceFormat.sampleRate, outputRate: rate))
    }
    return longest + Int(tailSeconds * Double(rate))
  }
}
