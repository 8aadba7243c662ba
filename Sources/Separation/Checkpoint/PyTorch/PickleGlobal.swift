// SPDX-License-Identifier: MIT

/// The Python classes and functions that a checkpoint may name.
///
/// They are data: each says how the value after it is to be read, and nothing is ever called.
enum PickleGlobal: Sendable, Equatable {
  /// A dictionary.
  case orderedDictionary
  case fraction
  /// A view of a storage.
  case tensor
  /// A tensor that was trained.
  case parameter
  /// What NumPy's numbers consist of; Demucs has them among its metrics, which are not used.
  case ignored
  case storage(PyTorchStorageKind)
  /// A network's class, by its full name.
  case model(String)

  /// The global of that name, or `nil` where it is none of those that are known.
  init?(name: String) {
    guard let known = Self.known[name] else { return nil }
    self = known
  }

  private static let known: [String: PickleGlobal] = {
    var known: [String: PickleGlobal] = [
      "collections.OrderedDict": .orderedDictionary,
      "fractions.Fraction": .fraction,
      "torch._utils._rebuild_tensor_v2": .tensor,
      "torch._utils._rebuild_parameter": .parameter,
      "numpy.core.multiarray.scalar": .ignored,
      "numpy._core.multiarray.scalar": .ignored,
      "numpy.dtype": .ignored,
      "_codecs.encode": .ignored,
    ]
    for kind in PyTorchStorageKind.allCases { known["torch.\(kind.rawValue)"] = .storage(kind) }
    for model in [
      "demucs.demucs.Demucs", "demucs.hdemucs.HDemucs", "demucs.htdemucs.HTDemucs",
      "demucs.wdemucs.WDemucs",
    ] {
      known[model] = .model(model)
    }
    return known
  }()
}

/// The kinds of storage that a tensor's values may lie in.
enum PyTorchStorageKind: String, Sendable, CaseIterable {
  case float32 = "FloatStorage"
  case float16 = "HalfStorage"
  case bfloat16 = "BFloat16Storage"
  case float64 = "DoubleStorage"
  case int64 = "LongStorage"
  case int32 = "IntStorage"
  case int16 = "ShortStorage"
  case int8 = "CharStorage"
  case uint8 = "ByteStorage"
  case boolean = "BoolStorage"

  /// What safetensors calls the format.
  var format: String {
    switch self {
    case .float32: "F32"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .float64: "F64"
    case .int64: "I64"
    case .int32: "I32"
    case .int16: "I16"
    case .int8: "I8"
    case .uint8: "U8"
    case .boolean: "BOOL"
    }
  }

  /// Bytes per value.
  var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16, .int16: 2
    case .int8, .uint8, .boolean: 1
    }
  }
}
