// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Synchronization
import Testing

@testable import Mixdown

@Suite struct FileFeaturesTests {
  private func chord(_ rate: Int, seconds: Double = 4) -> AudioBuffer {
    let frames = Int(seconds * Double(rate))
    let music = music(frames, seed: 3, rate: Double(rate), amplitude: 0.2)
    var samples = music.samples
    for n in 0..<2 * frames {
      let time = Double(n % frames) / Double(rate)
      for frequency in [220.0, 277.18, 329.63] {
        samples[n] += Float(0.1 * sin(2 * .pi * frequency * time))
      }
    }
    return AudioBuffer(channelCount: 2, frameCount: frames, samples: samples)
  }

  @Test func featuresAreThoseOfItsSamples() throws {
    let place = try Place()
    var buffer = chord(22_050)
    let file = try FileFeatures(
      path: place.stem("a.wav", buffer, sampleRate: 22_050), keepsSeries: true)
    #expect(file.frameCount == buffer.frameCount)
    let mono = zip(buffer[channel: 0], buffer[channel: 1]).map { ($0 + $1) / 2 }
    let spectrum = SpectralFeatureExtractor(keepsSeries: true)
    mono.withUnsafeBufferPointer { spectrum.process($0) }
    #expect(file.features.spectrum == spectrum.finish())
    let measured = try FileMeasurement(path: file.path)
    let levels = file.features.levels
    #expect(abs(levels.integratedLUFS - measured.integratedLUFS) < 1e-6)
    #expect(abs(levels.loudnessRangeLU - measured.rangeLU) < 1e-6)
    #expect(abs(levels.rmsDB - measured.rmsDB) < 1e-6)
    #expect(abs(levels.crestDB - measured.crestDB) < 1e-6)
    buffer.withStereoBlock { block in
      let extractor = LevelFeatureExtractor(sampleRate: 22_050)
      extractor.process(block)
      #expect(abs(extractor.finish().rmsDB - levels.rmsDB) < 1e-9)
    }
  }

  @Test(arguments: [8_000, 44_100, 48_000, 192_000])
  func aSongHasTheSameFeaturesAtEveryRate(rate: Int) throws {
    // Tones alone, so that no rate has more of them than another.
    func tones(_ rate: Int) -> AudioBuffer {
      let mono = (0..<4 * rate).map { n -> Float in
        let time = Double(n) / Double(rate)
        return [220.0, 277.18, 329.63, 880].reduce(Float(0)) {
          $0 + Float(0.1 * sin(2 * .pi * $1 * time))
        }
      }
      return AudioBuffer(channelCount: 2, frameCount: mono.count, samples: mono + mono)
    }
    let place = try Place()
    let reference = try FileFeatures(
      path: place.stem("a.wav", tones(22_050), sampleRate: 22_050)
    ).features
    let file = try FileFeatures(path: place.stem("b.wav", tones(rate), sampleRate: rate))
    let features = file.features
    #expect(file.sampleRate == rate)
    #expect(features.spectrum.frameCount == reference.spectrum.frameCount)
    #expect(abs(features.spectrum.centroidHz.mean / reference.spectrum.centroidHz.mean - 1) < 0.02)
    #expect(features.spectrum.key?.key == reference.spectrum.key?.key)
    #expect(features.spectrum.key?.key == MusicalKey(tonic: 9, mode: .major))
    #expect(abs(features.levels.integratedLUFS - reference.levels.integratedLUFS) < 0.15)
    #expect(abs(features.levels.rmsDB - reference.levels.rmsDB) < 0.01)
  }

  @Test func oneAndSixChannelsAreAnalysed() throws {
    let place = try Place()
    let stereo = chord(44_100)
    let left = Array(stereo[channel: 0])
    let mono = try FileFeatures(
      path: place.stem(
        "mono.wav", AudioBuffer(channelCount: 1, frameCount: left.count, samples: left)))
    #expect(mono.channelCount == 1 && mono.warnings.isEmpty)
    let both = try FileFeatures(
      path: place.stem(
        "both.wav", AudioBuffer(channelCount: 2, frameCount: left.count, samples: left + left)))
    #expect(mono.features.spectrum == both.features.spectrum)
    // Two loudspeakers instead of one.
    let step = both.features.levels.integratedLUFS - mono.features.levels.integratedLUFS
    #expect(abs(step - 10 * log10(2)) < 0.01)
    #expect(abs(both.features.levels.rmsDB - mono.features.levels.rmsDB) < 1e-9)
    let silence = [Float](repeating: 0, count: left.count)
    let surround = try FileFeatures(
      path: place.stem(
        "surround.wav",
        AudioBuffer(
          channelCount: 6, frameCount: left.count,
          samples: left + left + silence + silence + silence + silence)))
    #expect(surround.channelCount == 6 && surround.warnings.count == 1)
    #expect(surround.features == both.features)
  }

  @Test func veryShortAndBrokenFilesAreAnalysed() throws {
    let place = try Place()
    let one = try FileFeatures(
      path: place.stem(
        "one.wav", AudioBuffer(channelCount: 2, frameCount: 1, samples: [0.5, 0.5])))
    #expect(one.features.spectrum.frameCount == 1)
    #expect(one.features.levels.integratedLUFS == -.infinity)
    var samples = chord(44_100, seconds: 1).samples
    samples[100] = .nan
    samples[200] = .infinity
    let bad = try FileFeatures(
      path: place.stem(
        "bad.wav", AudioBuffer(channelCount: 2, frameCount: 44_100, samples: samples)))
    #expect(bad.warnings.count == 1)
    #expect(bad.features.spectrum.centroidHz.mean.isFinite)
    let error = #expect(throws: MixdownError.self) {
      _ = try FileFeatures(path: place.path("missing.wav"))
    }
    #expect(error?.code == .input)
  }

  @Test func progressComesToTheEndAndCancellationEndsIt() throws {
    let place = try Place()
    let path = try place.stem("a.wav", chord(44_100))
    var fractions: [Double] = []
    _ = try FileFeatures(path: path, report: { fractions.append($0.fraction ?? -1) })
    #expect(fractions.count == 4)
    #expect(fractions == fractions.sorted() && fractions.last == 1)
    let count = Mutex(0)
    let error = #expect(throws: MixdownError.self) {
      _ = try FileFeatures(
        path: path,
        isCancelled: {
          count.withLock {
            $0 += 1
            return $0 > 3
          }
        })
    }
    #expect(error?.code == .cancelled)
  }
}
