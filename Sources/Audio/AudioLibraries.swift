// SPDX-License-Identifier: MIT
internal import CSndfile
internal import CSoxr

/// The libraries that read, write and resample audio.
package enum AudioLibraries {
  /// Names with versions, such as “libsndfile-1.2.0”.
  package static var versions: [String] {
    [String(cString: sf_version_string()), String(cString: soxr_version())]
  }
}
