// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Audio

@Suite struct ChildProcessTests {
  /// Sockets of servers can be inherited; what decodes an upload must not have them.
  @Test func aChildHasNoneOfOurDescriptors() throws {
    let inheritable = fcntl(0, F_DUPFD, 100)
    try #require(inheritable >= 100)
    defer { close(inheritable) }
    let child = try ChildProcess(
      executable: "/bin/sh", arguments: ["-c", "for i in /proc/$$/fd/*; do echo ${i##*/}; done"],
      path: "test", limits: .reading, isCancelled: { false })
    let names = String(decoding: try child.readAll(limit: 4096), as: UTF8.self)
    #expect(try child.waitForExit() == 0)
    // The shell lists the folder by a descriptor of its own.
    #expect(Set(names.split(separator: "\n")).subtracting(["0", "1", "2", "3"]).isEmpty)
  }
}
