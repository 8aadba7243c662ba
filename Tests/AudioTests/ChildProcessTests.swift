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

  @Test func aChildIsHeldToItsLimits() throws {
    let limits = ChildLimits(addressSpaceBytes: 1 << 30, processorSeconds: 77, fileBytes: 0)
    // They hold from a moment after the start.
    let waiting =
      "i=0; while [ $(ulimit -f) != 0 ] && [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); done"
    let child = try ChildProcess(
      executable: "/bin/sh", arguments: ["-c", "\(waiting); ulimit -v; ulimit -t; ulimit -f"],
      path: "test", limits: limits, isCancelled: { false })
    let told = String(decoding: try child.readAll(limit: 4096), as: UTF8.self)
    #expect(try child.waitForExit() == 0)
    #expect(told.split(separator: "\n") == ["1048576", "77", "0"])
  }
}
