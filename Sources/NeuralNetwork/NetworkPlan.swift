// SPDX-License-Identifier: MIT
internal import COneDNN

/// What the layers of a network need at run time: their oneDNN operations and scratch memory.
///
/// Layers register themselves here while a network is being made. The plan is then frozen and may
/// be shared by any number of workers, each of which makes its own ``Executor`` from it.
public final class NetworkPlan: @unchecked Sendable {
  // Sendable: written only while the network is being made, by one thread; operations are immutable.
  // A network that workers resize for a short segment asks for no more scratch than it has.

  /// Threads that each worker uses, for which oneDNN plans.
  public let threadCount: Int
  /// The inner loops that all layers use.
  public let kernels: KernelSet
  /// In which constant weights are multiplied.
  public let precision: Precision

  private(set) var operations: [OpaquePointer] = []
  private(set) var scratchByteCount = 0
  private(set) var scratchFloatCount = 0
  private(set) var activationFloatCount = 0

  public init(
    threadCount: Int = 1, kernels: KernelSet = .best, precision: Precision = .float32
  ) {
    self.threadCount = max(1, threadCount)
    self.kernels = kernels
    self.precision = precision
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
  ///
  /// A layer that is made again for a shorter input asks for no more than before; then nothing is
  /// written, and workers may read.
  func reserveScratch(_ count: Int) {
    if count > scratchFloatCount { scratchFloatCount = count }
  }

  /// Asks for memory of `count` floats for each thread of a worker, for what one thread hands from
  /// layer to layer.
  public func reserveActivations(_ count: Int) {
    activationFloatCount = max(activationFloatCount, count)
  }
}

/// Runs a network's layers for one worker, on one thread or on several.
///
/// Used by one thread at a time. It owns the handles and the scratch memory of the worker, all made
/// at the start; running a layer allocates no more than a few numbers for every channel.
public final class Executor {
  public let plan: NetworkPlan
  /// Threads that work together.
  public let threadCount: Int
  /// The first status other than 0 that oneDNN returned since ``begin()``, or 0.
  ///
  /// Where it is not 0, outputs mean nothing.
  public private(set) var status: Int32

  /// Memory of the thread for what it hands from layer to layer, as much as the plan was asked for.
  public let activations: UnsafeMutablePointer<Float>
  /// Working memory of a layer that runs on one thread, as much as the plan was asked for.
  let scratch: UnsafeMutablePointer<Float>
  private let memory: Arena
  private let bindings: [OpaquePointer]
  private let libraryScratch: Arena
  private let preparationStatus: Int32
  /// One for each thread, where there are several.
  private let parts: [Executor]

  /// - Parameter threadCount: By default what the plan was made for, which is what a plan with
  ///   oneDNN's operations needs.
  /// - Throws: `memory` where the system has not as much.
  public convenience init(
    _ plan: NetworkPlan, threadCount: Int? = nil
  ) throws(NeuralNetworkError) {
    let threads =
      plan.operations.isEmpty ? max(1, threadCount ?? plan.threadCount) : plan.threadCount
    var layout = ArenaPlan()
    let places = (0..<threads).map { _ in
      (layout.reserve(plan.scratchFloatCount), layout.reserve(plan.activationFloatCount))
    }
    let memory = try Arena(count: layout.count)
    let parts =
      threads == 1
      ? []
      : try places.map { (places) throws(NeuralNetworkError) in
        try Executor(plan, memory: memory, places: places, parts: [], isPart: true)
      }
    try self.init(plan, memory: memory, places: places[0], parts: parts, isPart: false)
  }

  private init(
    _ plan: NetworkPlan, memory: Arena, places: (scratch: Int, activations: Int),
    parts: [Executor], isPart: Bool
  ) throws(NeuralNetworkError) {
    self.plan = plan
    threadCount = max(1, parts.count)
    self.memory = memory
    scratch = memory.base + places.scratch
    activations = memory.base + places.activations
    self.parts = parts
    var bindings: [OpaquePointer] = []
    var failure: Int32 = 0
    if !isPart {
      for operation in plan.operations where failure == 0 {
        var binding: OpaquePointer?
        failure = onednn_binding_create(&binding, operation)
        if let binding { bindings.append(binding) }
      }
    }
    self.bindings = bindings
    libraryScratch = try Arena(
      count: isPart ? 0 : plan.scratchByteCount / MemoryLayout<Float>.stride + 1)
    preparationStatus = failure
    status = failure
  }

  deinit {
    for binding in bindings { onednn_binding_destroy(binding) }
  }

  /// To be called on the worker's thread before the layers run.
  public func begin() {
    status = preparationStatus
    onednn_set_thread_count(Int32(threadCount))
  }

  /// Runs one of oneDNN's operations, on all threads; not to be called on a part.
  func run(
    _ operation: Int, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
  ) {
    guard preparationStatus == 0 else { return }
    let result = onednn_binding_execute(bindings[operation], input, output, libraryScratch.base)
    if status == 0 { status = result }
  }

  /// Calls `body` with consecutive parts of 0..<count, at once on all threads; what it runs on the
  /// executor that it is given runs on one of them.
  ///
  /// There are several parts for each thread, so that a slow one holds nobody up. Parts begin at
  /// multiples of `grain`.
  public func split(
    _ count: Int, grain: Int = 1, partsPerThread: Int = 8,
    _ body: (Range<Int>, Executor) -> Void
  ) {
    let grains = (count + grain - 1) / grain
    guard threadCount > 1, grains > 1 else {
      if count > 0 { body(0..<count, self) }
      return
    }
    let shares = min(threadCount * partsPerThread, grains)
    inParallel(threads: threadCount, count: shares) { index, thread in
      let range =
        index * grains / shares * grain..<min(count, (index + 1) * grains / shares * grain)
      body(range, parts[thread])
    }
  }
}
