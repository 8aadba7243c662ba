// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Service

/// A PostgreSQL server of the tests, in a folder of its own; it ends with the process.
final class PostgreSQLServer: Sendable {
  /// The one that all tests share, each with a database of its own.
  static let shared = Result { try PostgreSQLServer() }

  private let folder: String
  /// The server goes on for as long as this is open.
  private let leash: Pipe

  /// As a user of its own where the tests run as root, whom PostgreSQL refuses.
  private static let script = """
    set -e
    bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
    folder=$(mktemp -d /tmp/tonmeister-postgresql-XXXXXX)
    trap 'kill -QUIT $server 2>/dev/null || true; wait $server || true; rm -rf "$folder"' EXIT
    "$bin/initdb" --pgdata "$folder/data" --auth trust --username tonmeister --no-sync >&2
    "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c fsync=off >&2 &
    server=$!
    until "$bin/pg_isready" --quiet --host "$folder"; do kill -0 $server; sleep 0.1; done
    echo "$folder"
    read -r _ || true
    """

  private init() throws {
    let process = Process()
    let shell = ["/bin/sh", "-c", Self.script]
    let asUser = ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    let command = (geteuid() == 0 ? asUser : []) + shell
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    process.currentDirectoryURL = URL(filePath: "/tmp")
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    leash = input
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    folder = line.trimmingCharacters(in: .newlines)
    try #require(!folder.isEmpty, "PostgreSQL does not start; Scripts/setup.sh installs it.")
  }

  /// The URL of a new database without tables.
  func newDatabase() throws -> String {
    let name = "test_\(JobID().description)"
    _ = try PostgreSQLConnection(url: url("postgres")).run("CREATE DATABASE \(name)", [])
    return url(name)
  }

  private func url(_ database: String) -> String {
    "postgres:///\(database)?host=\(folder)&user=tonmeister"
  }
}
