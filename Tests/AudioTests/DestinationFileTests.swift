// SPDX-License-Identifier: MIT
import Glibc
import Testing

@testable import Audio

/// Both kinds of temporary file: without a name, and with one for file systems that have only those.
@Suite struct DestinationFileTests {
  private func write(_ bytes: [UInt8], to file: DestinationFile) {
    let count = bytes.withUnsafeBytes {
      Glibc.write(file.file.descriptor, $0.baseAddress, $0.count)
    }
    #expect(count == bytes.count)
  }

  @Test(arguments: [true, false])
  func theFileAppearsWithTheCommit(prefersNoName: Bool) throws {
    try withFolder { folder in
      for (bytes, before) in [([1, 2, 3], []), ([4, 5, 6], ["a"])] as [([UInt8], [String])] {
        let file = try DestinationFile(path: "\(folder)/a", prefersNoName: prefersNoName)
        write(bytes, to: file)
        #expect(try names(in: folder).filter { !$0.hasSuffix(".partial") } == before)
        try file.commit()
        try file.commit()
        file.discard()
        #expect(try names(in: folder) == ["a"])
        #expect(try load("\(folder)/a") == bytes)
      }
    }
  }

  @Test(arguments: [true, false])
  func whatIsNotCommittedIsGone(prefersNoName: Bool) throws {
    try withFolder { folder in
      let file = try DestinationFile(path: "\(folder)/a", prefersNoName: prefersNoName)
      write([1, 2, 3], to: file)
      let pending = try names(in: folder)
      #expect(prefersNoName ? pending.count < 2 : pending.count == 1)
      file.discard()
      #expect(try names(in: folder).isEmpty)
      _ = try DestinationFile(path: "\(folder)/b", prefersNoName: prefersNoName)
      #expect(try names(in: folder).isEmpty)
    }
  }
}
