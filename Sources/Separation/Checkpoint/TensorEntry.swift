// SPDX-License-Identifier: MIT

/// The place, shape and format of a tensor in a file.
struct TensorEntry: Sendable, Equatable {
  /// How the values of a tensor are stored, of those formats that can be read.
  enum Format: String, Sendable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"

    var byteCount: Int { self == .float32 ? 4 : 2 }
  }

  /// More axes than any known tensor has.
  static let maximumRank = 16

  /// The format's name in the words of safetensors; only those of ``Format`` can be read.
  let format: String
  let shape: [Int]
  /// The distance of neighbours along each axis, in values; `nil` where they lie in row-major order.
  var strides: [Int]?
  /// Product of the shape.
  let count: Int
  /// Within the file, from the first value to the last.
  let range: Range<Int>
}
