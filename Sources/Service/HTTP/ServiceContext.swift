// SPDX-License-Identifier: MIT
import Hummingbird
import Logging
import NIOCore

/// What belongs to one request.
struct ServiceContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel
  /// Who asks; known behind the check of tokens.
  var client = ClientID.local
  /// Whether the client may ask for more than what is open to all.
  var isTrusted = true
  /// Whether the body has been read.
  let body = BodyState()

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// The identifier of the request, as in the log.
  var requestID: String { logger[metadataKey: "hb.request.id"]?.description ?? "" }
}
