// SPDX-License-Identifier: MIT
import Foundation
import GRPCCore
import RPCInterface
import SwiftProtobuf

/// The gRPC Server Reflection Protocol: tools such as grpcurl ask it what there is.
struct ReflectionMethods: Grpc_Reflection_V1_ServerReflection.ServiceProtocol {
  private let services: [String]
  /// Descriptions of files, serialised, by the names of the files.
  private var files: [String: Data] = [:]
  /// The files that define services, methods, messages and enumerations, by their full names.
  private var places: [String: String] = [:]

  /// - Parameters:
  ///   - services: The full names of the services.
  ///   - descriptors: A serialised `google.protobuf.FileDescriptorSet`.
  /// - Throws: Where that is none.
  init(services: [String], descriptors: Data) throws {
    self.services = services.sorted()
    let set = try Google_Protobuf_FileDescriptorSet(serializedBytes: descriptors)
    for file in set.file {
      files[file.name] = try file.serializedData()
      for service in file.service {
        let name = "\(file.package).\(service.name)"
        places[name] = file.name
        for method in service.method { places["\(name).\(method.name)"] = file.name }
      }
      for message in file.messageType { add(message, below: file.package, in: file.name) }
      for enumeration in file.enumType { places["\(file.package).\(enumeration.name)"] = file.name }
    }
  }

  private mutating func add(
    _ message: Google_Protobuf_DescriptorProto, below scope: String, in file: String
  ) {
    let name = "\(scope).\(message.name)"
    places[name] = file
    for inner in message.nestedType { add(inner, below: name, in: file) }
    for enumeration in message.enumType { places["\(name).\(enumeration.name)"] = file }
  }

  func serverReflectionInfo(
    request: StreamingServerRequest<Grpc_Reflection_V1_ServerReflectionRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<Grpc_Reflection_V1_ServerReflectionResponse> {
    StreamingServerResponse { writer in
      for try await question in request.messages { try await writer.write(answer(question)) }
      return [:]
    }
  }

  private func answer(
    _ question: Grpc_Reflection_V1_ServerReflectionRequest
  ) -> Grpc_Reflection_V1_ServerReflectionResponse {
    var answer = Grpc_Reflection_V1_ServerReflectionResponse()
    answer.validHost = question.host
    answer.originalRequest = question
    switch question.messageRequest {
    case .listServices:
      answer.listServicesResponse.service = services.map { name in .with { $0.name = name } }
    case .fileByFilename(let name): describe(name, in: &answer)
    case .fileContainingSymbol(let name): describe(places[name], in: &answer)
    default:
      answer.errorResponse = .with {
        $0.errorCode = Int32(RPCError.Code.unimplemented.rawValue)
        $0.errorMessage = "There are no extensions."
      }
    }
    return answer
  }

  private func describe(
    _ file: String?, in answer: inout Grpc_Reflection_V1_ServerReflectionResponse
  ) {
    if let file, let data = files[file] {
      answer.fileDescriptorResponse.fileDescriptorProto = [data]
    } else {
      answer.errorResponse = .with {
        $0.errorCode = Int32(RPCError.Code.notFound.rawValue)
        $0.errorMessage = "There is no such file or symbol."
      }
    }
  }
}
