// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@testable import Service

@Suite struct PeakTests {
  /// Silence but for one sample, whose place every number of points has to show.
  @Test func noPeakIsLostInAnyNumberOfPoints() throws {
    let folder = TemporaryFolder()
    let path = folder.url.appending(path: "a.wav").path
    var buffer = AudioBuffer(channelCount: 2, frameCount: 10_007)
    buffer.samples[5_000] = 0.75
    buffer.samples[10_007 + 10_006] = -0.5
    let writer = try AudioWriter(
      path: path, format: .wavFloat32, sampleRate: 44_100, channelCount: 2)
    try writer.write(buffer)
    try writer.finish()
    let overview = try PeakOverview(path: path, isCancelled: { false })
    #expect(overview.frameCount == 10_007)
    for points in [1, 2, 3, 10, 77, 156, 157, 1000] {
      let peaks = overview.peaks(points: points)
      #expect(peaks.points == min(points, 157))
      #expect(peaks.minimum.count == peaks.points && peaks.maximum.count == peaks.points)
      #expect(peaks.maximum.max() == 0.75)
      #expect(peaks.minimum.last == -0.5)
      let place = try #require(peaks.maximum.firstIndex(of: 0.75))
      #expect(abs(Double(place) * peaks.framesPerPoint - 5_000) <= peaks.framesPerPoint + 64)
    }
    #expect(PeakOverview(data: overview.data) == overview)
    #expect(PeakOverview(data: Data([1, 2, 3])) == nil)
  }
}
