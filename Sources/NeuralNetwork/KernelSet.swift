// SPDX-License-Identifier: MIT
internal import CNeuralKernels
internal import COneDNN
import Foundation

/// The inner loops for one instruction set.
public struct KernelSet: @unchecked Sendable {
  // Sendable: a table of functions that never changes and that keep no state.
  let functions: kernel_set

  /// The fastest set that this processor runs, or the one that the environment variable
  /// `TONMEISTER_KERNELS` names, where the processor runs it.
  public static let best: KernelSet = {
    let wanted = getenv("TONMEISTER_KERNELS").map { String(cString: $0) }
    return all.first { $0.name == wanted } ?? KernelSet(functions: kernel_set_best().pointee)
  }()

  /// All sets that this processor runs, fastest first.
  public static let all: [KernelSet] = {
    var sets: [KernelSet] = []
    while let set = kernel_set_at(Int32(sets.count)) {
      sets.append(KernelSet(functions: set.pointee))
    }
    return sets
  }()

  /// The library that networks run on beside these loops, such as “oneDNN-2.6.3”.
  public static var library: String {
    let version = onednn_get_version()
    return "oneDNN-\(version.major).\(version.minor).\(version.patch)"
  }

  /// Whether the processor has instructions for products in bfloat16.
  public var hasBFloat16: Bool { functions.has_bfloat16 != 0 }

  /// "avx512-bf16", "avx512", "avx2" or "baseline".
  public var name: String { String(cString: functions.name) }
}
