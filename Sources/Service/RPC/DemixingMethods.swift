// SPDX-License-Identifier: MIT
import Foundation
import GRPCCore
import NIOCore
import RPCInterface

/// The published demixing service: a song in, its stems out, in one call.
struct DemixingMethods: Demixing_demixing.ServiceProtocol {
  let resources: Resources
  let access: RPCAccess

  func demixing(
    request: ServerRequest<Demixing_Query>, context: ServerContext
  ) async throws -> ServerResponse<Demixing_Answer> {
    let client = try access.client(request.metadata)
    let query = request.message
    let resources = resources
    let answer = try await RPCError.translating { () async throws(ServiceError) in
      let demixing = Demixing(resources: resources)
      let settings = try await demixing.settings(source: query.sounds)
      guard let song = Data(base64Encoded: query.audioFile, options: .ignoreUnknownCharacters),
        !song.isEmpty
      else {
        throw ServiceError(.invalid, "audio_file: a WAV file in base64 is expected.")
      }
      let file = try await resources.queue.reserve(for: client) { () async throws(ServiceError) in
        try await resources.stage(song)
      }
      return try await resources.cancelling(client) { onJob throws(ServiceError) in
        let answer = try await demixing.answer(file, settings, client: client, onJob: onJob)
        return try await blocking { (_) throws(ServiceError) in
          guard let text = try? String(contentsOfFile: answer.path, encoding: .utf8) else {
            throw ServiceError(.gone, "The result was removed; send the song again.")
          }
          return text
        }
      }
    }
    var message = Demixing_Answer()
    message.demixedAudio = answer
    return ServerResponse(message: message)
  }
}

extension Resources {
  /// Brings a song that is in memory to the disk.
  fileprivate func stage(_ song: Data) async throws(ServiceError) -> Upload.File {
    let writer = try StagedFileWriter(folder.newStaging(), limit: limits.uploadBytes)
    try await writer.append(ByteBuffer(bytes: song))
    return Upload.File(name: DisplayName.clean(""), file: try await writer.complete())
  }
}
