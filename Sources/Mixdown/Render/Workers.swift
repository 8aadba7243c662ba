// SPDX-License-Identifier: MIT
import Audio
import Dispatch

/// A piece of work; what it touches is touched by no other piece of the same step.
protocol Piece {
  func run() throws(MixdownError)
}

/// Takes finished blocks in their order.
protocol BlockSink: AnyObject {
  /// Called by one thread at a time.
  func take(_ block: AudioBuffer) throws(MixdownError)
}

/// Gives a block to a sink.
struct SinkPiece: Piece {
  let sink: any BlockSink
  let block: AudioBuffer

  func run() throws(MixdownError) { try sink.take(block) }
}

/// What a piece of work leaves for the next step.
final class Outcome<Value> {
  var value: Value?
}

/// Does pieces of work on several threads, or one after the other.
struct Workers {
  /// How many threads work at the same time at most; 0 for one per core.
  let count: Int

  /// Returns when all have ended; of several errors that of the first piece is thrown.
  func run(_ pieces: [any Piece]) throws(MixdownError) {
    guard pieces.count > 1, count != 1 else {
      for piece in pieces { try piece.run() }
      return
    }
    let errors = pieces.map { _ in Outcome<MixdownError>() }
    perform(pieces, errors, threads: count == 0 ? pieces.count : min(count, pieces.count))
    if let first = errors.compactMap(\.value).first { throw first }
  }

  private func perform(_ pieces: [any Piece], _ errors: [Outcome<MixdownError>], threads: Int) {
    nonisolated(unsafe) let work = pieces
    nonisolated(unsafe) let places = errors
    // Thread t takes the pieces t, t + threads, …
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      for index in stride(from: thread, to: work.count, by: threads) {
        do throws(MixdownError) { try work[index].run() } catch { places[index].value = error }
      }
    }
  }
}
