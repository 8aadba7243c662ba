// SPDX-License-Identifier: MIT
import FoundationNetworking

/// What the hub's headers say about a large file.
///
/// They stand on the response that redirects to where the file lies. A plain `ETag` is no digest of
/// SHA-256: that of a small file is Git's.
struct HubHeaders: Equatable {
  /// From `X-Linked-ETag`, 64 hexadecimal digits.
  var sha256: String?
  /// From `X-Linked-Size`.
  var sizeInBytes: Int?

  init(_ response: HTTPURLResponse) {
    let tag = response.header("X-Linked-ETag")?.filter { $0 != "\"" }.lowercased()
    if let tag, tag.utf8.count == 64, tag.allSatisfy(\.isHexDigit) { sha256 = tag }
    if let size = response.header("X-Linked-Size").flatMap({ Int($0) }), size >= 0 {
      sizeInBytes = size
    }
  }
}
