// SPDX-License-Identifier: MIT
internal import COneDNN

/// What the layers of a network need at run time: their oneDNN operations and scratch memory.
///
/// Layers register themselves here while a network is being made. The plan is then frozen and may
/// be shared by any number of workers, each of which makes its own ``Executor`` from it.
public final class NetworkPlan: @unchecked Sendable {
  // Sendable: written only while the network is being made, by one thread; operations are immutable.

  /// Threads that each worker uses, for which oneDNN plans.
  public let threadCount: Int
  /// The element-wise passes that all layers use.
  public let kernels: KernelSet

  private(set) var operations: [OpaquePointer] = []
  private(set) var scratchByteCount = 0
  private(set) var scratchFloatCount = 0

  public init(threadCount: Int = 1, kernels: KernelSet = .best) {
    self.threadCount = max(1, threadCount)
    self.kernels = kernels
  }

  deinit {
    for operation in operations { onednn_operation_destroy(operation) }
  }

  /// Makes an operation under the plan's number of threads and takes it over.
  func add(
    _ layer: String, make: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) throws(NeuralNetworkError) -> Int {
    onednn_set_thread_count(Int32(threadCount))
    var operation: OpaquePointer?
    let status = make(&operation)
    guard status == 0, let operation else { throw .library(status, layer: layer) }
    operations.append(operation)
    scratchByteCount = max(scratchByteCount, onednn_operation_scratchpad_size(operation))
    return operations.count - 1
  }

  /// Asks for scratch memory of `count` floats for each thread of a worker.
  func reserveScratch(_ count: Int) { scratchFloatCount = max(scratchFloatCount, count) }
}

/// Runs a network's layers for one worker.
///
/// Used by one thread at a time. It owns the handles and the scratch memory of the worker, all made
/// at the start; running a layer allocates nothing while the plan has one thread.
public final class Executor {
  public let plan: NetworkPlan
  /// The first status other than 0 that oneDNN returned since ``begin()``, or 0.
  ///
  /// Where it is not 0, outputs mean nothing.
  public private(set) var status: Int32

  private let bindings: [OpaquePointer]
  private let libraryScratch: Arena
  private let scratch: Arena
  private let scratchStride: Int
  private let preparationStatus: Int32

  public init(_ plan: NetworkPlan) {
    self.plan = plan
    var bindings: [OpaquePointer] = []
    var failure: Int32 = 0
    for operation in plan.operations where failure == 0 {
      var binding: OpaquePointer?
      failure = onednn_binding_create(&binding, operation)
      if let binding { bindings.append(binding) }
    }
    self.bindings = bindings
    libraryScratch = Arena(count: plan.scratchByteCount / MemoryLayout<Float>.stride + 1)
    scratchStride = (plan.scratchFloatCount + 15) / 16 * 16
    scratch = Arena(count: scratchStride * plan.threadCount)
    preparationStatus = failure
    status = failure
  }

  deinit {
    for binding in bindings { onednn_binding_destroy(binding) }
  }

  /// To be called on the worker's thread before the layers run.
  public func begin() {
    status = preparationStatus
    onednn_set_thread_count(Int32(plan.threadCount))
  }

  func run(
    _ operation: Int, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
  ) {
    guard preparationStatus == 0 else { return }
    let result = onednn_binding_execute(bindings[operation], input, output, libraryScratch.base)
    if status == 0 { status = result }
  }

  func run(
    product operation: Int, _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>
  ) {
    guard preparationStatus == 0 else { return }
    let result = onednn_binding_execute_product(
      bindings[operation], left, right, output, libraryScratch.base)
    if status == 0 { status = result }
  }

  /// Calls `body` with consecutive parts of 0..<count and each part's own scratch memory, at once
  /// on all of the worker's threads.
  ///
  /// Parts begin at multiples of `grain`.
  func split(
    _ count: Int, grain: Int = 1, _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let grains = (count + grain - 1) / grain
    let parts = min(plan.threadCount, grains)
    if parts <= 1 {
      if count > 0 { body(0..<count, scratch.base) }
      return
    }
    withoutActuallyEscaping(body) { body in
      let part = { (index: Int) in
        let range =
          index * grains / parts * grain..<min(count, (index + 1) * grains / parts * grain)
        body(range, self.scratch.base + index * self.scratchStride)
      }
      withUnsafePointer(to: part) { pointer in
        onednn_parallel(Int32(parts), UnsafeMutableRawPointer(mutating: pointer)) {
          context, index in
          context?.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(index))
        }
      }
    }
  }
}
