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
      let file = try await resources.queue.reserve(for: client) { () async throws(ServiceError) in
        try await resources.wholeSongs.pass { () async throws(ServiceError) in
          try await resources.stage(query.audioFile)
        }
      }
      return try await resources.cancelling(client) { onJob throws(ServiceError) in
        let answer = try await demixing.answer(file, settings, client: client, onJob: onJob)
        return try await resources.wholeSongs.pass { () async throws(ServiceError) in
          try await resources.text(answer.path)
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
  fileprivate func stage(_ text: String) async throws(ServiceError) -> Upload.File {
    guard let song = Data(base64Encoded: text, options: .ignoreUnknownCharacters), !song.isEmpty
    else {
      throw ServiceError(.invalid, "audio_file: a WAV file in base64 is expected.")
    }
    let writer = try StagedFileWriter(folder.newStaging(), limit: limits.uploadBytes)
    try await writer.append(ByteBuffer(bytes: song))
    return Upload.File(name: DisplayName.clean(""), file: try await writer.complete())
  }

  /// The text of a file, where one message can hold it.
  fileprivate func text(_ path: String) async throws(ServiceError) -> String {
    let limit = 4 * limits.callBytes
    return try await blocking { (_) throws(ServiceError) in
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      guard let size = (attributes?[.size] as? NSNumber)?.intValue else {
        throw ServiceError(.gone, "The result was removed; send the song again.")
      }
      guard size <= limit else {
        throw ServiceError(
          .tooLarge,
          "The stems take \(size.megabytes), more than one answer of \(limit.megabytes) holds; ask "
            + "tonmeister.v1.Separations for them, which sends them in chunks.")
      }
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw ServiceError(.gone, "The result was removed; send the song again.")
      }
      return text
    }
  }
}
