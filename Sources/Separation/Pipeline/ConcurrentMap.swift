// SPDX-License-Identifier: MIT
import Dispatch

/// What `body` makes of each element, each on a thread of its own where there is one.
///
/// Returns when all have ended. Elements need not be safe to share: each is used by one call only,
/// and by nobody else meanwhile.
func concurrentMap<Element, Output>(
  _ elements: [Element], _ body: (Element, Int) -> Output
) -> [Output] {
  var outputs = [Output?](repeating: nil, count: elements.count)
  outputs.withUnsafeMutableBufferPointer { outputs in
    nonisolated(unsafe) let outputs = outputs
    nonisolated(unsafe) let elements = elements
    nonisolated(unsafe) let body = body
    DispatchQueue.concurrentPerform(iterations: elements.count) { index in
      outputs[index] = body(elements[index], index)
    }
  }
  return outputs.compactMap { $0 }
}
