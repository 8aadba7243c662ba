// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// The WebAssembly build, run by node, against this one.
@Suite struct WebAssemblyTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../..").standardizedFileURL

  func run(_ program: String, _ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = Self.root
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return data
  }

  @Test func nodeRendersTheSameSamples() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "mixcore-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let module = folder.appending(path: "mixcore.wasm")
    _ = try run(Self.root.appending(path: "Browser/Core/build.sh").path, [module.path])

    let tests = MixEngineTests()
    var plan = tests.fullPlan()
    plan.tracks[0].gainDB = 0.1 + 0.2
    plan.tracks[3].because["gain"] = "ümlaut"
    let rate = 44_100.0
    let stems = tests.stems(4, rate: rate)
    let engine = try MixEngine(plan: plan, sampleRate: rate, maximumFrameCount: 256)
    var master = try tests.render(engine, stems, size: 256).master
    let meter = LoudnessMeter(sampleRate: rate)
    master.inBlocks(256, meter.process)

    let (planFile, stemFile) = (folder.appending(path: "plan"), folder.appending(path: "stems"))
    let output = folder.appending(path: "output")
    try plan.text.write(to: planFile, atomically: true, encoding: .utf8)
    let samples = stems.flatMap { $0.left + $0.right }
    try samples.withUnsafeBytes { try Data($0).write(to: stemFile) }
    let text = try run(
      "node",
      [
        "Browser/Core/compare.mjs", module.path, planFile.path, stemFile.path, output.path,
        "\(rate)",
        "\(master.count)",
      ])
    #expect(String(decoding: text, as: UTF8.self) == plan.text)

    let data = try Data(contentsOf: output)
    let count = master.count
    try #require(data.count == 8 * count + 8)
    let values = data.prefix(8 * count).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    #expect(values.map(\.bitPattern) == (master.left + master.right).map(\.bitPattern))
    let loudness = data.suffix(8).withUnsafeBytes { $0.loadUnaligned(as: Double.self) }
    #expect(loudness == meter.integratedLUFS)
  }
}
