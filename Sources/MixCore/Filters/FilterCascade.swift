// SPDX-License-Identifier: MIT

/// Second-order filters one after the other, on both channels.
///
/// Transposed direct form II in double precision, both channels in one vector: stable and quiet from 8 to
/// 192 kHz for corners down to 10 Hz. A change of coefficients moves in a straight line; since the set of
/// stable denominators is convex, every filter on the way is stable.
public final class FilterCascade {
  /// The most sections.
  public let capacity: Int
  private let sections: Storage<Section>
  private let resting: Storage<Int>
  private let smoothingFrames: Int

  struct Coefficients: BitwiseCopyable {
    var b0: Double
    var b1: Double
    var b2: Double
    var a1: Double
    var a2: Double

    init(_ c: BiquadCoefficients) {
      b0 = c.b0
      b1 = c.b1
      b2 = c.b2
      a1 = c.a1
      a2 = c.a2
    }

    /// `self` plus `share` times the way from there to `target`.
    @inline(__always)
    func moved(to target: Coefficients, by share: Double) -> Coefficients {
      var result = self
      result.b0 += (target.b0 - b0) * share
      result.b1 += (target.b1 - b1) * share
      result.b2 += (target.b2 - b2) * share
      result.a1 += (target.a1 - a1) * share
      result.a2 += (target.a2 - a2) * share
      return result
    }

    var isIdentity: Bool { b0 == 1 && b1 == 0 && b2 == 0 && a1 == 0 && a2 == 0 }

    func isSame(as other: Coefficients) -> Bool {
      b0 == other.b0 && b1 == other.b1 && b2 == other.b2 && a1 == other.a1 && a2 == other.a2
    }
  }

  struct State: BitwiseCopyable {
    var s1 = SIMD2<Double>()
    var s2 = SIMD2<Double>()

    /// One frame through the filter.
    @inline(__always)
    mutating func step(_ x: SIMD2<Double>, _ c: Coefficients) -> SIMD2<Double> {
      let y = c.b0 * x + s1
      s1 = (c.b1 * x + s2) - c.a1 * y
      s2 = c.b2 * x - c.a2 * y
      return y
    }

    /// Forgets what is inaudible, before it becomes a subnormal number, and what is not a number.
    mutating func settle() {
      s1 = Self.settled(s1)
      s2 = Self.settled(s2)
    }

    private static func settled(_ s: SIMD2<Double>) -> SIMD2<Double> {
      func keep(_ x: Double) -> Double { abs(x) > 1e-25 && abs(x) < 1e25 ? x : 0 }
      return SIMD2(keep(s.x), keep(s.y))
    }
  }

  private struct Section: BitwiseCopyable {
    var start = Coefficients(.identity)
    var target = Coefficients(.identity)
    /// Frames until the target is reached.
    var remaining = 0
    var state = State()

    var isIdle: Bool { remaining == 0 && target.isIdentity }
  }

  /// A cascade that passes everything as it is.
  public init(capacity: Int, sampleRate: Double) {
    self.capacity = capacity
    sections = Storage(count: max(1, capacity), repeating: Section())
    resting = Storage(count: 6, repeating: 0)
    smoothingFrames = max(1, Int(LinearRamp.seconds * sampleRate))
  }

  /// Sets a section; it moves to the new coefficients.
  public func set(_ index: Int, _ coefficients: BiquadCoefficients) {
    precondition(index >= 0 && index < capacity, "There is no such section.")
    let target = Coefficients(coefficients)
    var section = sections[index]
    guard !section.target.isSame(as: target) else { return }
    section.start = current(section, 0)
    section.target = target
    section.remaining = smoothingFrames
    sections[index] = section
  }

  /// Sets the first sections and lets the others pass everything.
  public func set(_ coefficients: [BiquadCoefficients]) { set(coefficients, from: 0) }

  /// Sets the sections from one on and lets those behind them pass everything.
  func set(_ coefficients: [BiquadCoefficients], from first: Int) {
    for index in first..<capacity {
      let place = index - first
      set(index, place < coefficients.count ? coefficients[place] : .identity)
    }
  }

  /// Stands at the new coefficients at once.
  public func finishMoving() {
    for index in 0..<capacity { sections[index].remaining = 0 }
  }

  /// Forgets what it has heard.
  public func reset() {
    for index in 0..<capacity { sections[index].state = State() }
  }

  /// Whether it passes everything as it is.
  public var isIdle: Bool { isIdle(0..<capacity) }

  /// Whether some of the sections pass everything as it is.
  func isIdle(_ range: Range<Int>) -> Bool {
    for index in range where !sections[index].isIdle { return false }
    return true
  }

  private func current(_ section: Section, _ offset: Int) -> Coefficients {
    let left = section.remaining - offset
    if left <= 0 { return section.target }
    let share = Double(smoothingFrames - left) / Double(smoothingFrames)
    return section.start.moved(to: section.target, by: share)
  }

  /// Filters a block in place.
  public func process(_ block: StereoBlock) { process(block, sections: 0..<capacity) }

  /// Filters a block in place by some of the sections.
  func process(_ block: StereoBlock, sections range: Range<Int>) {
    // Frames in which the same sections move go together, wherever blocks begin: sections at rest are
    // joined, and rounding must not depend on the size of the blocks.
    var start = 0
    while start < block.frameCount {
      var count = block.frameCount - start
      for index in range where sections[index].remaining > 0 {
        count = min(count, sections[index].remaining)
      }
      processEvenly(block.slice(from: start, count: count), range)
      start += count
    }
  }

  private func processEvenly(_ block: StereoBlock, _ range: Range<Int>) {
    // Up to six sections at rest go through the block together, so that their recurrences overlap.
    var joined = 0
    for index in range {
      if sections[index].isIdle { continue }
      if sections[index].remaining > 0 {
        run(joined, block)
        joined = 0
        runMoving(index, block)
      } else {
        resting[joined] = index
        joined += 1
        if joined == 6 {
          run(joined, block)
          joined = 0
        }
      }
    }
    run(joined, block)
  }

  private func runMoving(_ index: Int, _ block: StereoBlock) {
    var section = sections[index]
    for i in 0..<block.frameCount {
      let x = SIMD2(Double(block.left[i]), Double(block.right[i]))
      let y = section.state.step(x, current(section, i))
      block.left[i] = Float(y.x)
      block.right[i] = Float(y.y)
    }
    section.remaining = max(0, section.remaining - block.frameCount)
    section.state.settle()
    if section.isIdle { section.state = State() }
    sections[index] = section
  }

  /// Filters by the first `count` of the sections in `resting`.
  private func run(_ count: Int, _ block: StereoBlock) {
    switch count {
    case 0: return
    case 1: run(block, Chain(End(), self, 0))
    case 2: run(block, Chain(Chain(End(), self, 1), self, 0))
    case 3: run(block, Chain(Chain(Chain(End(), self, 2), self, 1), self, 0))
    case 4: run(block, Chain(Chain(Chain(Chain(End(), self, 3), self, 2), self, 1), self, 0))
    case 5:
      run(
        block,
        Chain(Chain(Chain(Chain(Chain(End(), self, 4), self, 3), self, 2), self, 1), self, 0))
    default:
      run(
        block,
        Chain(
          Chain(Chain(Chain(Chain(Chain(End(), self, 5), self, 4), self, 3), self, 2), self, 1),
          self, 0))
    }
  }

  @inline(__always)
  private func run<First: Link>(_ block: StereoBlock, _ chain: First) {
    var chain = chain
    let (left, right) = (block.left, block.right)
    for i in 0..<block.frameCount {
      let y = chain.step(SIMD2(Double(left[i]), Double(right[i])))
      left[i] = Float(y.x)
      right[i] = Float(y.y)
    }
    chain.store(in: self)
  }

  /// Takes a frame through sections at rest; a type for each number of them, so that all fit into one loop.
  private protocol Link {
    mutating func step(_ x: SIMD2<Double>) -> SIMD2<Double>
    func store(in cascade: FilterCascade)
  }

  private struct End: Link {
    @inline(__always)
    func step(_ x: SIMD2<Double>) -> SIMD2<Double> { x }
    @inline(__always)
    func store(in cascade: FilterCascade) {}
  }

  private struct Chain<Next: Link>: Link {
    let index: Int
    let coefficients: Coefficients
    var state: State
    var next: Next

    @inline(__always)
    init(_ next: Next, _ cascade: FilterCascade, _ place: Int) {
      index = cascade.resting[place]
      coefficients = cascade.sections[index].target
      state = cascade.sections[index].state
      self.next = next
    }

    @inline(__always)
    mutating func step(_ x: SIMD2<Double>) -> SIMD2<Double> {
      next.step(state.step(x, coefficients))
    }

    @inline(__always)
    func store(in cascade: FilterCascade) {
      var settled = state
      settled.settle()
      cascade.sections[index].state = settled
      next.store(in: cascade)
    }
  }
}
