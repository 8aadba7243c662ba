// SPDX-License-Identifier: MIT
import Foundation
import FoundationNetworking

/// One HTTP request and its response, whose body is handed on piece by piece.
///
/// Redirects are not followed: the redirecting response is the result. What the two closures throw
/// ends the exchange.
///
/// `@unchecked Sendable`: `queue` runs one operation at a time, and whatever changes is touched by
/// its operations only.
final class Exchange: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  typealias Outcome = Result<HTTPURLResponse, ModelStoreError>

  private let request: URLRequest
  private let policy: TransferPolicy
  private let begin: @Sendable (HTTPURLResponse) throws(ModelStoreError) -> Void
  private let take: @Sendable (Data) throws(ModelStoreError) -> Void

  private let queue = OperationQueue()
  private var session: URLSession?
  private var continuation: CheckedContinuation<Outcome, Never>?
  private var outcome: Outcome?
  private var isReceiving = false
  private var isLagging = false
  private var pieceCount = 0

  /// - Parameters:
  ///   - begin: Gets the response before its body, unless it is a redirect.
  ///   - take: Gets the pieces of the body.
  init(
    _ request: URLRequest, policy: TransferPolicy,
    begin: @escaping @Sendable (HTTPURLResponse) throws(ModelStoreError) -> Void,
    take: @escaping @Sendable (Data) throws(ModelStoreError) -> Void
  ) {
    self.request = request
    self.policy = policy
    self.begin = begin
    self.take = take
    queue.maxConcurrentOperationCount = 1
  }

  /// Sends the request and waits for the end of the body, a failure or the task's cancellation.
  ///
  /// Neither closure is running or is called any more when this returns.
  func run() async -> Outcome {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.addOperation { self.start(continuation) }
      }
    } onCancel: {
      queue.addOperation { self.end(.failure(.cancelled)) }
    }
  }

  private func start(_ continuation: CheckedContinuation<Outcome, Never>) {
    if let outcome {
      continuation.resume(returning: outcome)
      return
    }
    self.continuation = continuation
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = policy.idleSeconds
    configuration.urlCache = nil
    configuration.httpCookieStorage = nil
    configuration.httpShouldSetCookies = false
    configuration.urlCredentialStorage = nil
    let session = URLSession(configuration: configuration, delegate: self, delegateQueue: queue)
    self.session = session
    session.dataTask(with: request).resume()
  }

  private func end(_ outcome: Outcome) {
    guard self.outcome == nil else { return }
    self.outcome = outcome
    if case .success = outcome {
      session?.finishTasksAndInvalidate()
    } else {
      session?.invalidateAndCancel()
    }
    session = nil
    continuation?.resume(returning: outcome)
    continuation = nil
  }

  // MARK: - URLSessionDataDelegate

  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    // URLSession ends the program when it gets an answer after a cancellation.
    if outcome == nil { completionHandler(nil) }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    completionHandler(.allow)
    guard outcome == nil, let response = response as? HTTPURLResponse,
      !response.isRedirect
    else { return }
    do {
      try begin(response)
      isReceiving = true
    } catch {
      end(.failure(error))
    }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    guard outcome == nil, isReceiving else { return }
    do {
      try take(data)
    } catch {
      end(.failure(error))
      return
    }
    // URLSession cannot be slowed down: it would pile up what the disk does not take.
    pieceCount += 1
    if pieceCount % 8 == 1, !isLagging, queue.operationCount > policy.pendingPieces {
      isLagging = true
      dataTask.cancel()
    }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    guard outcome == nil else { return }
    let host = request.url?.host ?? ""
    if let error {
      let why = ModelStoreError(code: .lagging, message: "The disk is slower than the network.")
      end(.failure(isLagging ? why : .transport(error, host: host, hasBegun: isReceiving)))
    } else if let response = task.response as? HTTPURLResponse {
      end(.success(response))
    } else {
      var failure = ModelStoreError(
        code: .network, message: "\(host) gave no answer; try again later.")
      failure.isTransient = true
      end(.failure(failure))
    }
  }
}

extension HTTPURLResponse {
  /// Whether the file is to be asked for elsewhere.
  var isRedirect: Bool { [301, 302, 303, 307, 308].contains(statusCode) }

  /// A header, whatever the case of its name.
  func header(_ name: String) -> String? { value(forHTTPHeaderField: name) }
}

extension ModelStoreError {
  /// What URLSession reports when no complete response came.
  static func transport(_ error: any Error, host: String, hasBegun: Bool) -> ModelStoreError {
    let reason = (error as NSError).localizedDescription
    switch (error as? URLError)?.code {
    case .cancelled:
      return .cancelled
    case .timedOut:
      var failure = ModelStoreError(
        code: .network,
        message: "\(host) did not answer in time; run the command again, it goes on where it "
          + "stopped.")
      failure.isTransient = true
      return failure
    case .badServerResponse, .networkConnectionLost:
      return .cut(host: host, reason: reason)
    default:
      if hasBegun { return .cut(host: host, reason: reason) }
      return ModelStoreError(
        code: .network,
        message: "\(host) cannot be reached (\(reason)); check the network, and https_proxy where "
          + "one is needed.")
    }
  }

  /// A connection that ended before the response did.
  static func cut(host: String, reason: String) -> ModelStoreError {
    var failure = ModelStoreError(
      code: .network,
      message: "The connection to \(host) was cut (\(reason)); run the command again, it goes on "
        + "where it stopped.")
    failure.isTransient = true
    return failure
  }
}
