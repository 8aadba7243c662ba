// SPDX-License-Identifier: MIT
// How text passes between JavaScript and this module. JavaScript writes UTF-8 into memory that it has
// allocated; a result is its length, with the text at `message`, or minus the length of a failure's text.

nonisolated(unsafe) private var message: [UInt8] = []

/// Leaves a text for JavaScript.
func answer(_ text: String) -> Int32 {
  message = Array(text.utf8)
  return Int32(message.count)
}

/// Leaves the text of a failure for JavaScript.
func fail(_ text: String) -> Int32 { -answer(text) }

/// The bytes that JavaScript has written.
func bytes(_ pointer: UnsafePointer<UInt8>, _ count: UInt32) -> [UInt8] {
  Array(UnsafeBufferPointer(start: pointer, count: Int(count)))
}

/// Memory for JavaScript to write to.
@_expose(wasm, "allocate")
func allocate(_ count: UInt32) -> UnsafeMutablePointer<UInt8> {
  .allocate(capacity: max(1, Int(count)))
}

/// Gives memory back.
@_expose(wasm, "deallocate")
func deallocate(_ pointer: UnsafeMutablePointer<UInt8>) { pointer.deallocate() }

/// Where the text of the last answer or failure is.
@_expose(wasm, "message")
func messagePointer() -> UnsafePointer<UInt8>? {
  // The array is not touched before the next call.
  message.withUnsafeBufferPointer { $0.baseAddress }
}
