// SPDX-License-Identifier: MIT
import ArgumentParser
import Tonmeister

/// The flags that trade time for quality.
struct QualityOptions: ParsableArguments {
  enum Precision: String, CaseIterable {
    case f32
    case bf16
  }

  @Option(help: "The part of a segment that overlaps the next one.")
  var overlap = 0.25

  @Option(
    help: """
      Separate so many times, moved by random times of up to half a second, and take the mean. \
      0 separates once and moves nothing.
      """)
  var shifts = 0

  @Option(
    help: """
      The seconds of a segment, at most the model's own, which is the default. The network computes \
      its whole segment all the same, so less takes longer.
      """)
  var segment: Double?

  @Option(help: "The seed of the random times of --shifts.")
  var seed: UInt64 = 0

  @Option(name: .shortAndLong, help: "How many segments to work on at once; 0: one per core.")
  var jobs = 0

  @Option(help: "The numbers the network computes with.")
  var precision = Choice(Precision.f32)

  func separatorOptions(_ output: OutputOptions) -> Separator.Options {
    var options = Separator.Options()
    options.overlap = overlap
    options.shifts = shifts
    options.segmentSeconds = segment
    options.seed = seed
    options.jobs = jobs
    options.sampleRate = output.samplerate
    return options
  }
}
