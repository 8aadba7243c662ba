// SPDX-License-Identifier: MIT
import Testing

@testable import AutoMix

@Suite struct LevelDifferenceTests {
  @Test func levelsThatNeverMeetAreComparedThroughOthers() {
    // 10, 0 and -10 dB; the first and the last never sound together.
    var differences = LevelDifferences(count: 3)
    differences.add([5, -5], of: [0, 1])
    differences.add([5, -5], of: [1, 2])
    for (level, truth) in zip(differences.levels, [10.0, 0, -10]) {
      #expect(abs(level - truth) < 1e-3)
    }
  }

  @Test func whatIsNotComparedStaysAtTheMean() {
    var differences = LevelDifferences(count: 3)
    differences.add([4, -4], of: [0, 2])
    for (level, truth) in zip(differences.levels, [4.0, 0, -4]) {
      #expect(abs(level - truth) < 1e-3)
    }
  }

  @Test func theErrorThatDecidesIsTheMeanOfFiveEpochs() {
    var report = TaskReport(
      task: "gains", songCount: 1, heldOutCount: 1, fewestHeldOut: 1, baseline: "rules",
      baselineError: 6)
    for error in [1.0, 9, 9, 9, 9, 5, 5, 5, 5, 5] { report.add(loss: 1, error: error) }
    #expect(report.smallestError == 5)
    #expect(report.isBestNow)
    #expect(report.isBetter)
    report.fewestHeldOut = 5
    #expect(!report.isBetter)
  }
}
