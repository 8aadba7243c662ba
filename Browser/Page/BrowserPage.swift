// SPDX-License-Identifier: MIT
public import Foundation

/// The page: plain files for a browser, which a service hands out as they are.
public enum BrowserPage {
  /// The folder of the files, `index.html` among them.
  public static var folder: URL? {
    Bundle.module.url(forResource: "Resources", withExtension: nil)
  }
}
