// SPDX-License-Identifier: MIT

/// The description of the interface over gRPC, as its compiler writes it.
package enum RPCDescriptors {
  /// The target that has the file as a resource.
  package static let target = "RPCInterface"
  /// A serialised `google.protobuf.FileDescriptorSet`.
  package static let file = "descriptors.binpb"
}
