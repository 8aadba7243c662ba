// SPDX-License-Identifier: MIT

/// What a running download of a model tells.
public enum PullEvent: Sendable, Equatable {
  /// Another program is fetching the same model.
  case waiting
  /// More bytes of a file are there.
  case progress(PullProgress)
  /// Something was tried again or elsewhere, in a sentence.
  case note(String)
}

/// How far a download has come.
public struct PullProgress: Sendable, Equatable {
  /// The file's name.
  public var file: String
  /// Which of the model's files it is, from 1.
  public var number: Int
  /// How many files the model has.
  public var fileCount: Int
  /// The bytes that are there.
  public var bytesDone: Int
  /// The size of the file, where it is known.
  public var bytesTotal: Int?

  /// The part of the file that is there, where its size is known.
  public var fraction: Double? {
    bytesTotal.map { $0 > 0 ? min(Double(bytesDone) / Double($0), 1) : 1 }
  }
}
