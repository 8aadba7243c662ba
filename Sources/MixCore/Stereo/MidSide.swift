// SPDX-License-Identifier: MIT

/// The sum and the difference of two channels.
public enum MidSide {
  /// Left and right become mid (left + right) / 2 and side (left - right) / 2.
  public static func encode(_ block: StereoBlock) {
    for i in 0..<block.frameCount {
      let (l, r) = (block.left[i], block.right[i])
      block.left[i] = (l + r) * 0.5
      block.right[i] = (l - r) * 0.5
    }
  }

  /// Mid and side become left mid + side and right mid - side.
  public static func decode(_ block: StereoBlock) {
    for i in 0..<block.frameCount {
      let (m, s) = (block.left[i], block.right[i])
      block.left[i] = m + s
      block.right[i] = m - s
    }
  }
}
