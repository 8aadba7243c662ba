// SPDX-License-Identifier: MIT
import ArgumentParser
import Tonmeister

/// The flags that trade time for quality.
struct QualityOptions: ParsableArguments {
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
      The seconds of a segment, at most the model's own, which is the default. Most networks compute \
      their whole segment all the same, so less takes longer.
      """)
  var segment: Double?

  @Option(help: "The seed of the random times of --shifts.")
  var seed: UInt64 = 0

  @Option(name: .shortAndLong, help: "How many threads to use; 0: one per core.")
  var jobs = 0

  @Option(
    help: """
      The numbers the network multiplies in: bf16 is coarser, and faster on processors that have \
      instructions for it. auto takes it there where the model has it.
      """)
  var precision = Choice(Separator.Options.Precision.automatic)

  func separatorOptions(_ output: OutputOptions) throws -> Separator.Options {
    var options = Separator.Options()
    options.overlap = overlap
    options.shifts = shifts
    options.segmentSeconds = segment
    options.seed = seed
    options.jobs = jobs
    options.precision = try precision.value(of: "--precision")
    options.sampleRate = output.samplerate
    return options
  }
}
