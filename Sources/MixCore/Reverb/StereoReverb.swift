// SPDX-License-Identifier: MIT

/// A room: pre-delay, early reflections, and a feedback delay network of sixteen lines with a reverberation
/// time for each of three bands.
///
/// Network after Jot (1991) with a Hadamard matrix as feedback. Its delays are primes between 14 and 47 ms,
/// and shorter in rooms of less than a second, whose decay is over before long delays have come round. The level is set so that the response to an impulse has about the power of the impulse, whatever the
/// reverberation time.
public final class StereoReverb {
  private typealias Lanes = DecayFilter.Lanes

  private static let times = [
    14.3, 15.7, 17.0, 18.5, 20.2, 22.0, 23.9, 26.0, 27.8, 30.2, 32.5, 35.2, 37.7, 40.6, 43.6, 46.7,
  ]
  /// Up to which reverberation time, in seconds, the delays are how long.
  private static let sizes: [(below: Double, scale: Double)] = [
    (0.35, 0.25), (0.9, 0.7), (.infinity, 1),
  ]
  private static let maximumPreDelaySeconds = 0.25
  private static let run = 64

  private let sampleRate: Double
  private let delays: [[Int]]  // (sizes, lines)
  private var size = 2
  private var oldSize = 2
  private var sizeFade: LinearRamp
  private let lines: [DelayLine]
  private let leftDiffuser: Diffuser
  private let rightDiffuser: Diffuser
  private let past: (left: DelayLine, right: DelayLine)
  private let early: EarlyReflections
  private let filter: FilterCascade
  private let input: StereoBuffer
  private let direct: StereoBuffer
  private let matrix: Storage<Float>  // (frames, lines)
  private let scratch: Storage<Float>
  private let maximumRun: Int

  private var decay = DecayFilter()
  private var coefficients = DecayFilter.Coefficients()
  private var start = DecayFilter.Coefficients()
  private var movingFrames = 0
  private let smoothingFrames: Int
  private var preDelay = 0
  private var oldPreDelay = 0
  private var preDelayFade: LinearRamp
  private var earlyLevel: LinearRamp
  private var lateLevel: LinearRamp
  private let output: Fader
  private var quietFrames = Int.max
  private var tailFrames = 0

  /// A room that does nothing yet.
  public init(sampleRate: Double, maximumFrameCount: Int) {
    self.sampleRate = sampleRate
    delays = Self.sizes.map { size in
      Self.times.map { Primes.next(from: Int($0 * size.scale * sampleRate / 1000)) }
    }
    let longestLine = delays[2][15]
    leftDiffuser = Diffuser(sampleRate: sampleRate, scale: 1, run: Self.run)
    rightDiffuser = Diffuser(sampleRate: sampleRate, scale: 1.07, run: Self.run)
    let run = min(
      delays[0][0], min(leftDiffuser.maximumRun, rightDiffuser.maximumRun))
    maximumRun = run
    lines = (0..<16).map { _ in DelayLine(maximumDelay: longestLine, maximumRun: run) }
    early = EarlyReflections(sampleRate: sampleRate)
    let longest = Int(Self.maximumPreDelaySeconds * sampleRate) + early.maximumDelay + run
    past = (
      DelayLine(maximumDelay: longest, maximumRun: run),
      DelayLine(maximumDelay: longest, maximumRun: run)
    )
    filter = FilterCascade(capacity: 4, sampleRate: sampleRate)
    input = StereoBuffer(capacity: maximumFrameCount)
    direct = StereoBuffer(capacity: run)
    matrix = Storage(count: run * 16, repeating: 0)
    scratch = Storage(count: 4 * Self.run, repeating: 0)
    smoothingFrames = max(1, Int(LinearRamp.seconds * sampleRate))
    preDelayFade = LinearRamp(1, sampleRate: sampleRate)
    sizeFade = LinearRamp(1, sampleRate: sampleRate)
    earlyLevel = LinearRamp(0, sampleRate: sampleRate)
    lateLevel = LinearRamp(0, sampleRate: sampleRate)
    output = Fader(sampleRate: sampleRate)
    set(nil)
    finishMoving()
  }

  /// Sets the values of a plan; nil fades the room out.
  public func set(_ plan: Reverb?) {
    guard let plan else {
      output.set(gain: 0)
      return
    }
    let newSize = Self.sizes.firstIndex { plan.decayMidSeconds < $0.below } ?? 2
    if newSize != size {
      (oldSize, size) = (size, newSize)
      sizeFade = LinearRamp(0, sampleRate: sampleRate)
      sizeFade.move(to: 1)
    }
    let target = DecayFilter.Coefficients(plan, delays: delays[size], sampleRate: sampleRate)
    start = current(0)
    coefficients = target
    movingFrames = smoothingFrames
    let delay = Int(min(plan.preDelayMilliseconds / 1000, Self.maximumPreDelaySeconds) * sampleRate)
    if delay != preDelay {
      oldPreDelay = preDelay
      preDelay = delay
      preDelayFade = LinearRamp(0, sampleRate: sampleRate)
      preDelayFade.move(to: 1)
    }
    earlyLevel.move(
      to: plan.earlyDB <= Reverb.early.range.lowerBound
        ? 0 : Float(Decibels.amplitude(plan.earlyDB)))
    // A line of mean length loses this much of its power in a round.
    let mean = Double(delays[size].reduce(0, +)) / 16 / sampleRate
    let kept = Decibels.amplitude(-120 * mean / plan.decayMidSeconds)
    lateLevel.move(to: Float(((1 - kept) / (2 * kept)).squareRoot()))
    var sections: [BiquadCoefficients] = []
    for index in 0..<2 {
      let high = plan.highPass?.highPassSections(sampleRate: sampleRate) ?? []
      let low = plan.lowPass?.lowPassSections(sampleRate: sampleRate) ?? []
      sections.append(index < high.count ? high[index] : .identity)
      sections.append(index < low.count ? low[index] : .identity)
    }
    filter.set(sections)
    output.set(gain: Decibels.amplitude(plan.gainDB), width: plan.width)
    let longest = max(plan.decayLowSeconds, max(plan.decayMidSeconds, plan.decayHighSeconds))
    tailFrames = Int((longest * 4 + 0.5) * sampleRate)
  }

  /// Stands at the values of the plan at once.
  public func finishMoving() {
    movingFrames = 0
    preDelayFade.finish()
    sizeFade.finish()
    earlyLevel.finish()
    lateLevel.finish()
    filter.finishMoving()
    output.finishMoving()
  }

  /// Forgets what it has heard.
  public func reset() {
    for line in lines { line.reset() }
    leftDiffuser.reset()
    rightDiffuser.reset()
    past.left.reset()
    past.right.reset()
    filter.reset()
    decay = DecayFilter()
    quietFrames = Int.max
  }

  private func current(_ offset: Int) -> DecayFilter.Coefficients {
    let left = movingFrames - offset
    if left <= 0 { return coefficients }
    return start.moved(
      to: coefficients, by: Float(smoothingFrames - left) / Float(smoothingFrames))
  }

  /// Replaces a block by the room's answer to it, without the sound itself.
  public func process(_ block: StereoBlock) {
    if isAtRest(block) {
      block.clear()
      return
    }
    filter.process(block)
    var start = 0
    while start < block.frameCount {
      let count = min(maximumRun, block.frameCount - start)
      processRun(block.slice(from: start, count: count))
      start += count
    }
    output.process(block)
  }

  /// Whether nothing came in for so long (four times the RT60, 240 dB) that nothing comes out.
  private func isAtRest(_ block: StereoBlock) -> Bool {
    var isSilent = true
    for i in 0..<block.frameCount where block.left[i] != 0 || block.right[i] != 0 {
      isSilent = false
      break
    }
    guard isSilent else {
      quietFrames = 0
      return false
    }
    if quietFrames >= tailFrames { return true }
    quietFrames += block.frameCount
    return false
  }

  private func processRun(_ block: StereoBlock) {
    let count = block.frameCount
    let direct = direct.block(count)
    past.left.write(block.left, count)
    past.right.write(block.right, count)
    direct.left.update(from: past.left.past(delay: preDelay + count), count: count)
    direct.right.update(from: past.right.past(delay: preDelay + count), count: count)
    if preDelayFade.remaining > 0 {
      fade(past.left, direct.left, count)
      fade(past.right, direct.right, count)
    }
    leftDiffuser.process(direct.left, count)
    rightDiffuser.process(direct.right, count)
    processNetwork(direct)
    if lateLevel.remaining == 0 {
      let level = lateLevel.target
      for i in 0..<count { block.left[i] = direct.left[i] * level }
      for i in 0..<count { block.right[i] = direct.right[i] * level }
    } else {
      for i in 0..<count { block.left[i] = direct.left[i] * lateLevel.value(i) }
      for i in 0..<count { block.right[i] = direct.right[i] * lateLevel.value(i) }
    }
    if !earlyLevel.rests(at: 0) {
      early.add(
        past.left, past.right, delay: preDelay, level: earlyLevel, offset: 0, to: block)
    }
    preDelayFade.advance(count)
    sizeFade.advance(count)
    earlyLevel.advance(count)
    lateLevel.advance(count)
    movingFrames = max(0, movingFrames - count)
  }

  private func fade(_ line: DelayLine, _ samples: UnsafeMutablePointer<Float>, _ count: Int) {
    let old = line.past(delay: oldPreDelay + count)
    for i in 0..<count { samples[i] = old[i] + (samples[i] - old[i]) * preDelayFade.value(i) }
  }

  /// Replaces a run by what the lines give out.
  private func processNetwork(_ block: StereoBlock) {
    let count = block.frameCount
    let matrix = matrix.pointer
    for group in 0..<4 { readLines(group, count) }
    if movingFrames > 0 {
      for i in 0..<count { decay.process(matrix + 16 * i, 1, current(i)) }
    } else {
      decay.process(matrix, count, coefficients)
    }
    decay.settle()
    mixLines(block)
    for group in 0..<4 { writeLines(group, count) }
  }

  /// Brings what comes out of four lines to their lanes of the matrix.
  private func readLines(_ group: Int, _ count: Int) {
    func past(_ index: Int) -> UnsafePointer<Float> {
      let line = lines[4 * group + index]
      let new = line.past(delay: delays[size][4 * group + index])
      guard sizeFade.remaining > 0 else { return new }
      let old = line.past(delay: delays[oldSize][4 * group + index])
      let row = scratch.pointer + index * Self.run
      for i in 0..<count { row[i] = new[i] + (old[i] - new[i]) * (1 - sizeFade.value(i)) }
      return UnsafePointer(row)
    }
    let (a, b, c, d) = (past(0), past(1), past(2), past(3))
    let lanes = UnsafeMutableRawPointer(matrix.pointer + 4 * group)
    for i in 0..<count {
      lanes.storeBytes(of: Four(a[i], b[i], c[i], d[i]), toByteOffset: 64 * i, as: Four.self)
    }
  }

  /// Appends four lanes of the matrix to their lines.
  private func writeLines(_ group: Int, _ count: Int) {
    let rows = scratch.pointer
    let (a, b, c) = (rows, rows + Self.run, rows + 2 * Self.run)
    let d = rows + 3 * Self.run
    let lanes = UnsafeMutableRawPointer(matrix.pointer + 4 * group)
    for i in 0..<count {
      let four = lanes.loadUnaligned(fromByteOffset: 64 * i, as: Four.self)
      (a[i], b[i], c[i], d[i]) = (four.x, four.y, four.z, four.w)
    }
    for index in 0..<4 { lines[4 * group + index].write(rows + index * Self.run, count) }
  }

  /// Mixes what came out of the lines with what goes in, and gives two of the sums to both sides.
  private func mixLines(_ block: StereoBlock) {
    // Orthogonal patterns of signs, with which each side goes into half of the lines.
    let leftIn = Lanes(1, 0, -1, 0, 1, 0, -1, 0, -1, 0, 1, 0, -1, 0, 1, 0) * 0.353_553_4
    let rightIn = Lanes(0, 1, 0, -1, 0, -1, 0, 1, 0, 1, 0, -1, 0, -1, 0, 1) * 0.353_553_4
    let rows = UnsafeMutableRawPointer(matrix.pointer)
    let (left, right) = (block.left, block.right)
    for i in 0..<block.frameCount {
      let mixed = Self.hadamard(rows.loadUnaligned(fromByteOffset: 64 * i, as: Lanes.self))
      let (l, r) = (left[i], right[i])
      // Rows of the matrix in which the first echo of either side has as many pluses as minuses.
      left[i] = 4 * mixed[5]
      right[i] = 4 * mixed[6]
      rows.storeBytes(
        of: mixed + leftIn * l + rightIn * r, toByteOffset: 64 * i, as: Lanes.self)
    }
  }

  private typealias Four = SIMD4<Float>

  @inline(__always)
  private static func quarters(_ v: Lanes) -> (Four, Four, Four, Four) {
    unsafeBitCast(v, to: (Four, Four, Four, Four).self)
  }

  /// Sums and differences of four vectors: a Hadamard matrix of order 4.
  @inline(__always)
  private static func mix(_ v: (Four, Four, Four, Four)) -> (Four, Four, Four, Four) {
    let (a, b, c, d) = (v.0 + v.1, v.0 - v.1, v.2 + v.3, v.2 - v.3)
    return (a + c, b + d, a - c, b - d)
  }

  /// The product with a Hadamard matrix of order 16, scaled to keep the power, up to the order of lines.
  @inline(__always)
  private static func hadamard(_ v: Lanes) -> Lanes {
    let (a, b, c, d) = mix(quarters(v * 0.25))
    // Transposed, so that lanes of one vector meet too.
    let columns = (
      Four(a.x, b.x, c.x, d.x), Four(a.y, b.y, c.y, d.y), Four(a.z, b.z, c.z, d.z),
      Four(a.w, b.w, c.w, d.w)
    )
    return unsafeBitCast(mix(columns), to: Lanes.self)
  }
}
