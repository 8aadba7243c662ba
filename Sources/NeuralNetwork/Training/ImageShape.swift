// SPDX-License-Identifier: MIT

/// The size of one item of a batch; memory holds it channels last: (height, width, channels).
struct ImageShape: Equatable {
  var channels: Int
  var height: Int
  var width: Int

  /// Places of an image.
  var area: Int { height * width }
  var count: Int { channels * area }

  /// (channels, height, width) to (height, width, channels).
  func channelsLast(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    transpose(x, y, rows: channels, columns: area)
  }

  /// (height, width, channels) to (channels, height, width).
  func channelsFirst(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    transpose(x, y, rows: area, columns: channels)
  }

  private func transpose(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    if rows == 1 || columns == 1 {
      y.update(from: x, count: rows * columns)
      return
    }
    for row in 0..<rows {
      for column in 0..<columns { y[column * rows + row] = x[row * columns + column] }
    }
  }
}
