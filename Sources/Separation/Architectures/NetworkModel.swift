// SPDX-License-Identifier: MIT
import NeuralNetwork

/// A segment model that runs layers planned once in memory reserved once.
protocol NetworkModel: SegmentModel {
  /// The operations of all layers.
  var plan: NetworkPlan { get }
  /// Floats of memory that a worker needs.
  var memoryCount: Int { get }

  /// Separates one segment.
  ///
  /// - Parameters:
  ///   - input: (2, segmentFrames)
  ///   - output: (sources, 2, segmentFrames)
  ///   - base: The worker's memory, `memoryCount` floats.
  func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    base: UnsafeMutablePointer<Float>, on executor: Executor)

  /// The same network for another number of samples.
  ///
  /// It needs no more memory for fewer.
  func resized(to frameCount: Int) throws(SeparationError) -> Self

  /// Whether the memory of another network's worker serves this one, too, once the other is done.
  func isLaidOut(like other: Self) -> Bool
}

extension NetworkModel {
  /// The network itself.
  func resized(to frameCount: Int) throws(SeparationError) -> Self { self }

  func isLaidOut(like other: Self) -> Bool { false }

  func makeWorkspace(threadCount: Int) throws(SeparationError) -> any SegmentWorkspace {
    let arena: Arena
    do { arena = try Arena(count: memoryCount) } catch { throw SeparationError(memory: error) }
    return try NetworkWorkspace(model: self, arena: arena, threadCount: threadCount)
  }

  func makeWorkspace(
    sharing other: any SegmentWorkspace, threadCount: Int
  ) throws(SeparationError) -> any SegmentWorkspace {
    guard let other = other as? NetworkWorkspace<Self>, isLaidOut(like: other.model) else {
      return try makeWorkspace(threadCount: threadCount)
    }
    return try NetworkWorkspace(model: self, arena: other.arena, threadCount: threadCount)
  }
}

/// The memory and the handles of one worker.
private final class NetworkWorkspace<Model: NetworkModel>: SegmentWorkspace {
  let model: Model
  let arena: Arena
  private let executor: Executor

  init(model: Model, arena: Arena, threadCount: Int) throws(SeparationError) {
    self.model = model
    self.arena = arena
    do { executor = try Executor(model.plan, threadCount: threadCount) } catch {
      throw SeparationError(memory: error)
    }
  }

  private var resizingFailure: SeparationError?
  /// The network for the last short segment.
  private var short: Model?

  var failure: SeparationError? {
    resizingFailure ?? SeparationError(networkStatus: executor.status)
  }

  func process(
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, frameCount: Int
  ) {
    executor.begin()
    resizingFailure = nil
    var model = model
    if frameCount != model.segmentFrames {
      do throws(SeparationError) {
        if short?.segmentFrames != frameCount { short = try model.resized(to: frameCount) }
        model = short ?? model
      } catch {
        resizingFailure = error
        return
      }
    }
    model.run(input, output, base: arena.base, on: executor)
  }
}

extension SeparationError {
  /// There is not enough memory for a worker.
  fileprivate init(memory error: NeuralNetworkError) {
    self.init(code: .limit, message: "\(error.message) Use fewer threads (--jobs).")
  }
}
