// SPDX-License-Identifier: MIT

/// The page: plain files for a browser, which a service hands out as they are.
public enum BrowserPage {
  /// The target that has the files as resources.
  public static let target = "BrowserPage"
  /// Their folder in it.
  public static let folder = "Resources"
}
