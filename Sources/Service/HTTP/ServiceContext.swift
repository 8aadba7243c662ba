// SPDX-License-Identifier: MIT
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// What belongs to one request.
struct ServiceContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel
  /// Who asks; known behind the check of tokens.
  var client: ClientID {
    get { caller.client }
    nonmutating set { caller.client = newValue }
  }
  private let caller = Caller()
  /// Whether the client may ask for more than what is open to all.
  var isTrusted = true
  /// Whether the body has been read.
  let body = BodyState()

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// Keeps who asks for all who see the request, also those who saw it before that was known.
  private final class Caller: Sendable {
    private let state = Mutex(ClientID.local)

    var client: ClientID {
      get { state.withLock { $0 } }
      set { state.withLock { $0 = newValue } }
    }
  }

  /// The identifier of the request, as in the log.
  var requestID: String { logger[metadataKey: "hb.request.id"]?.description ?? "" }
}
