// SPDX-License-Identifier: MIT
import Foundation
import Testing

@Suite struct WorkerTests {
  private func failure(_ arguments: [String]) throws -> String {
    let place = try Workplace()
    let data = place.url.appending(path: "data").path
    let result = try place.tool.run(
      executable: Tool.executable, arguments + ["--data", data])
    #expect(result.status == 1)
    return result.errors
  }

  @Test func aWorkerNeedsADatabaseThatItShares() throws {
    #expect(try failure(["worker"]).contains("--store postgres://"))
    #expect(try failure(["worker", "--store", "mysql://a@b/c"]).contains("postgres://USER@HOST"))
  }

  @Test func aDatabaseThatIsNotThereIsToldOf() throws {
    let url = "postgres://nobody@127.0.0.1:1/none"
    for command in ["worker", "serve"] {
      let errors = try failure([command, "--store", url])
      #expect(errors.contains("PostgreSQL"), "\(errors)")
      #expect(errors.contains("refused"), "\(errors)")
    }
  }

  @Test func aBucketNeedsADatabaseAndKeys() throws {
    #expect(try failure(["serve", "--bucket", "s3://songs"]).contains("--store"))
  }
}
