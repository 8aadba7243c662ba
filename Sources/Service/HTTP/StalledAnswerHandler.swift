// SPDX-License-Identifier: MIT
import NIOCore

/// Closes a connection whose client takes its answer too slowly, so that such readers do not keep others out.
///
/// Files are written in blocks of 128 kB, documents as one; the clock starts anew with each that has gone out.
final class StalledAnswerHandler: ChannelOutboundHandler, RemovableChannelHandler {
  typealias OutboundIn = NIOAny
  typealias OutboundOut = NIOAny

  private let limit: TimeAmount
  /// The writes that have not gone out.
  private var waiting = 0
  private var lastProgress = NIODeadline.now()
  private var check: Scheduled<Void>?

  /// - Parameter limit: How long nothing may be taken.
  init(limit: TimeAmount) { self.limit = limit }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let promise = promise ?? context.eventLoop.makePromise()
    if waiting == 0 { lastProgress = .now() }
    waiting += 1
    promise.futureResult.assumeIsolated().whenComplete { _ in
      self.waiting -= 1
      self.lastProgress = .now()
    }
    context.write(data, promise: promise)
    if check == nil { schedule(context, in: limit) }
  }

  func handlerRemoved(context: ChannelHandlerContext) { check?.cancel() }

  private func schedule(_ context: ChannelHandlerContext, in delay: TimeAmount) {
    check = context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
      self.check = nil
      guard self.waiting > 0 else { return }
      let silence = NIODeadline.now() - self.lastProgress
      if silence >= self.limit {
        context.close(promise: nil)
      } else {
        self.schedule(context, in: self.limit - silence)
      }
    }
  }
}
