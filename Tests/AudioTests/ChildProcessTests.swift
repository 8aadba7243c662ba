// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Audio

@Suite struct ChildProcessTests {
  /// Sockets of servers can be inherited; what decodes an upload must not have them.
  @Test func aChildHasNoneOfOurDescriptors() throws {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let child = try ChildProcess(
      executable: "/bin/sh", arguments: ["-c", "for i in /proc/$$/fd/*; do echo ${i##*/}; done"],
      path: "test", limits: .reading, isCancelled: { false })
    let names = String(decoding: try child.readAll(limit: 4096), as: UTF8.self)
    #expect(try child.waitForExit() == 0)
    #expect(names.split(separator: "\n") == ["0", "1", "2"])
  }
}
