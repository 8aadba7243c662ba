// SPDX-License-Identifier: MIT
internal import COneDNN

/// Calls `body` with every index of 0..<count and the number of the thread that it runs on, at once
/// on the threads that oneDNN runs on, and waits for all.
func inParallel(threads: Int, count: Int, _ body: (_ index: Int, _ thread: Int) -> Void) {
  withoutActuallyEscaping(body) { body in
    withUnsafePointer(to: body) { pointer in
      onednn_parallel(
        Int32(threads), Int32(count), UnsafeMutableRawPointer(mutating: pointer)
      ) { context, index, thread in
        context?.assumingMemoryBound(to: ((Int, Int) -> Void).self)
          .pointee(Int(index), Int(thread))
      }
    }
  }
}
