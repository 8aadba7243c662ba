// SPDX-License-Identifier: MIT
public import Foundation
import Separation

/// A secret that lets a client in; only its digest is kept.
public struct AccessToken: Sendable, Equatable {
  /// The fewest characters of a token: 96 bits as base64.
  public static let shortestLength = 16

  let client: ClientID
  private let digest: [UInt8]

  /// Takes a token.
  ///
  /// - Parameters:
  ///   - name: Who has it: clients with the same name share their jobs. Nil for a client of its own.
  ///   - secret: The token itself.
  /// - Throws: `invalid` where it is too short, or has characters that a header cannot carry.
  public init(name: String? = nil, secret: String) throws(ServiceError) {
    guard secret.utf8.count >= Self.shortestLength,
      secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw ServiceError(
        .invalid,
        "A token has \(Self.shortestLength) or more visible ASCII characters and no spaces; make one "
          + "with “openssl rand -base64 24”.")
    }
    digest = Self.digest(secret)
    let identity = Self.digest("client " + (name ?? secret)).prefix(8)
    client = ClientID(
      description: identity.hexadecimal)
  }

  /// Reads a file of tokens: one a line, as TOKEN or NAME:TOKEN; lines that begin with # are remarks.
  ///
  /// - Throws: `invalid` where it cannot be read, holds none, or others may read it.
  public static func read(_ file: URL) throws(ServiceError) -> [AccessToken] {
    var status = stat()
    guard stat(file.path, &status) == 0,
      let text = try? String(contentsOf: file, encoding: .utf8)
    else {
      throw ServiceError(
        .invalid, "\(file.path): the file of tokens cannot be read; check name and permissions.")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw ServiceError(
        .invalid, "\(file.path): others may read these tokens; do “chmod 600” first.")
    }
    var tokens: [AccessToken] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let line = line.trimmingCharacters(in: .whitespaces)
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      let parts = line.split(separator: ":", maxSplits: 1)
      tokens.append(
        parts.count == 2
          ? try AccessToken(name: String(parts[0]), secret: String(parts[1]))
          : try AccessToken(secret: line))
    }
    guard !tokens.isEmpty else {
      throw ServiceError(.invalid, "\(file.path): there is no token in it.")
    }
    return tokens
  }

  /// The client of a token that was sent; nil where it is none of these.
  ///
  /// Looks at every byte of every digest, so that the time tells nothing of the tokens.
  static func client(of secret: String, among tokens: [AccessToken]) -> ClientID? {
    let sent = digest(secret)
    var found: ClientID?
    for token in tokens {
      var difference: UInt8 = 0
      for index in sent.indices { difference |= sent[index] ^ token.digest[index] }
      if difference == 0 { found = token.client }
    }
    return found
  }

  private static func digest(_ text: String) -> [UInt8] {
    var hash = SHA256()
    Array(text.utf8).withUnsafeBytes { hash.update($0) }
    return hash.digest()
  }
}
