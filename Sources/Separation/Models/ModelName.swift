// SPDX-License-Identifier: MIT

/// The name of a separation model.
public struct ModelName: Hashable, Sendable, RawRepresentable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  /// The name as it is typed and as it appears in paths.
  public let rawValue: String

  /// Any name; whether there is such a model shows when it is looked up.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// Any name; whether there is such a model shows when it is looked up.
  public init(stringLiteral value: String) { rawValue = value }

  /// The small four-stem model that comes with the package.
  public static let lite: ModelName = "lite"

  /// The name.
  public var description: String { rawValue }
}
