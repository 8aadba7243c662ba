// SPDX-License-Identifier: MIT

/// The size of activations, (rows, frames, channels).
///
/// In the time branch there is one row.
struct DemucsGrid: Sendable, Equatable {
  var rows: Int
  var frames: Int
  var channels: Int

  var count: Int { rows * frames * channels }
  var positions: Int { rows * frames }
}

/// How a layer of one branch samples: along the rows (frequencies) or along the frames (time).
struct DemucsSampling: Sendable {
  let isFrequency: Bool
  let kernel: Int
  let stride: Int
  let padding: Int

  /// Rows or frames that follow from `count`.
  func outputs(of count: Int) -> Int {
    isFrequency
      ? (count + 2 * padding - kernel) / stride + 1
      : ((count + stride - 1) / stride * stride + 2 * padding - kernel) / stride + 1
  }
}
