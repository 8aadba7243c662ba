// SPDX-License-Identifier: MIT
import Audio
import Dispatch
import Foundation

/// Steps that each take the blocks of a mix in their order, on several threads.
///
/// Any step may work while another works on an earlier or a later block, so that the result does not depend
/// on the number of threads.
struct Pipeline {
  /// What happens to every block.
  struct Step {
    /// The steps, by their index, that have to be done with a block before this one begins it.
    var after: [Int]
    /// Does the work on a block; called by one thread at a time, for the blocks in their order.
    var run: (_ block: Int) throws(MixdownError) -> Void
  }

  /// How many blocks are in the works at most: none is begun before all steps are done with the one that
  /// many before, so that they can share its memory.
  static let depth = 4

  var steps: [Step] = []

  /// Adds a step behind others.
  ///
  /// - Returns: Its index.
  @discardableResult
  mutating func add(
    after others: [Int] = [], _ run: @escaping (_ block: Int) throws(MixdownError) -> Void
  ) -> Int {
    steps.append(Step(after: others, run: run))
    return steps.count - 1
  }

  /// Takes all blocks through all steps.
  ///
  /// - Parameters:
  ///   - threads: How many threads work at the same time at most; 0 for one per core.
  ///   - blockCount: How many blocks there are, once that is known; asked after every step. Of what lies
  ///     behind them some steps may have seen a few blocks more.
  /// - Throws: The first error of the earliest block, or the cancellation.
  func run(
    threads: Int, signal: CancellationSignal, blockCount: @escaping () -> Int?
  ) throws(MixdownError) {
    let cores = threads == 0 ? ProcessInfo.processInfo.activeProcessorCount : threads
    // Its state is behind its own lock; a step is run by one thread at a time.
    nonisolated(unsafe) let work = PipelineWork(steps, signal: signal, blockCount: blockCount)
    DispatchQueue.concurrentPerform(iterations: max(1, min(cores, steps.count))) { _ in
      work.take()
    }
    if let error = work.error { throw error }
  }
}

/// The state that the threads of a pipeline share.
private final class PipelineWork {
  private let steps: [Pipeline.Step]
  private let signal: CancellationSignal
  private let blockCount: () -> Int?
  private let condition = NSCondition()
  private var done: [Int]  // (steps): how many blocks
  private var isRunning: [Bool]  // (steps)
  private var failure: (block: Int, step: Int, error: MixdownError)?

  init(_ steps: [Pipeline.Step], signal: CancellationSignal, blockCount: @escaping () -> Int?) {
    self.steps = steps
    self.signal = signal
    self.blockCount = blockCount
    done = [Int](repeating: 0, count: steps.count)
    isRunning = [Bool](repeating: false, count: steps.count)
  }

  var error: MixdownError? { failure?.error }

  /// Works until there is nothing left; called by every thread.
  func take() {
    condition.lock()
    defer { condition.unlock() }
    while true {
      let end = blockCount()
      if let step = next(end) {
        perform(step)
      } else if isRunning.contains(true) {
        condition.wait()
      } else {
        break
      }
    }
    condition.broadcast()
  }

  /// The last step that can begin a block: what is nearest to its end goes first.
  private func next(_ end: Int?) -> Int? {
    let earliest = done.min() ?? 0
    for step in steps.indices.reversed() where !isRunning[step] {
      let block = done[step]
      if let end, block >= end { continue }
      // After an error only what comes before it is still of interest.
      if let failure, (block, step) >= (failure.block, failure.step) { continue }
      guard block < earliest + Pipeline.depth else { continue }
      if steps[step].after.allSatisfy({ done[$0] > block }) { return step }
    }
    return nil
  }

  private func perform(_ step: Int) {
    let block = done[step]
    isRunning[step] = true
    condition.unlock()
    var caught: MixdownError?
    do throws(MixdownError) {
      try signal.check()
      try steps[step].run(block)
    } catch { caught = error }
    condition.lock()
    isRunning[step] = false
    if let caught {
      if failure.map({ (block, step) < ($0.block, $0.step) }) ?? true {
        failure = (block, step, caught)
      }
    } else {
      done[step] += 1
    }
    condition.broadcast()
  }
}
