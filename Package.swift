// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
import PackageDescription

/// Whether a warning fails the build: where the project itself is checked, not where others use it
/// with a compiler that may warn of more.
let isStrict = Context.environment["TONMEISTER_WARNINGS"] == "error"

/// Every Swift target is built in Swift 6 mode with the access level of imports spelled out.
let settings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])
let cSettings: [CSetting] = isStrict ? [.treatAllWarnings(as: .error)] : []

/// What Embedded Swift does not have is an error in ordinary builds already.
let embeddedSettings: [SwiftSetting] = [.treatWarning("EmbeddedRestrictions", as: .error)]

let package = Package(
  name: "tonmeister",
  products: [
    .library(name: "Tonmeister", targets: ["Tonmeister"]),
    .executable(name: "tonmeister", targets: ["TonmeisterCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // The service only.
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Libraries of the system; Scripts/setup.sh installs them on Debian.
    .systemLibrary(name: "CSndfile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
    .systemLibrary(
      name: "CMpg123", pkgConfig: "libmpg123", providers: [.apt(["libmpg123-dev"])]),
    .systemLibrary(
      name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CSoxr", pkgConfig: "soxr", providers: [.apt(["libsoxr-dev"])]),

    // C: a shim over oneDNN that hides its version, and the fused element-wise passes.
    .target(
      name: "COneDNN", cSettings: cSettings,
      linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
    .target(name: "CNeuralKernels", cSettings: cSettings),
    // C: packs bytes with zlib, whose names do not reach Swift, where another package has them, too.
    .target(name: "CGzip", cSettings: cSettings, linkerSettings: [.linkedLibrary("z")]),
    // C: limits for child processes.
    .target(name: "CChildLimits", cSettings: cSettings),

    // Swift. Arrows point down only.
    // Plain Swift without Foundation: also built as Embedded Swift for WebAssembly (`make wasm`).
    .target(
      name: "MixCore", swiftSettings: settings + embeddedSettings,
      linkerSettings: [.linkedLibrary("m")]),
    .target(
      name: "Audio", dependencies: ["CChildLimits", "CMpg123", "CSndfile", "CSoxr", "MixCore"],
      swiftSettings: settings),
    .target(
      name: "NeuralNetwork", dependencies: ["COneDNN", "CNeuralKernels", "MixCore"],
      swiftSettings: settings),
    .target(
      name: "Separation", dependencies: ["Audio", "MixCore", "NeuralNetwork"],
      resources: [.copy("Resources/lite.safetensors")], swiftSettings: settings),
    // Fetches models; the only target that reaches beyond this machine.
    .target(name: "ModelStore", dependencies: ["Separation"], swiftSettings: settings),
    .target(name: "Mixdown", dependencies: ["Audio", "MixCore"], swiftSettings: settings),
    .target(
      name: "AutoMix", dependencies: ["Audio", "MixCore", "NeuralNetwork", "Separation"],
      swiftSettings: settings),
    .target(
      name: "VocalPreparation", dependencies: ["Audio", "MixCore"], swiftSettings: settings),
    .target(
      name: "Tonmeister",
      dependencies: ["Audio", "AutoMix", "MixCore", "Mixdown", "Separation", "VocalPreparation"],
      swiftSettings: settings),
    // The page: its files, copied as they are.
    .target(
      name: "BrowserPage", path: "Browser/Page", resources: [.copy("Resources")],
      swiftSettings: settings),
    // The interface over gRPC: what Scripts/generate-rpc.sh makes of Proto.
    .target(
      name: "RPCInterface",
      dependencies: [
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["Proto"], resources: [.copy("Generated/descriptors.binpb")],
      swiftSettings: settings),
    .target(
      name: "Service",
      dependencies: [
        "Audio", "BrowserPage", "CGzip", "CPostgreSQL", "ModelStore", "RPCInterface", "Tonmeister",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      resources: [.copy("Resources/openapi.json")], swiftSettings: settings),
    .executableTarget(
      name: "TonmeisterCommand",
      dependencies: [
        "ModelStore", "Service", "Tonmeister",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings),

    // `make bench-preference`.
    .executableTarget(
      name: "PreferenceBenchmark", dependencies: ["MixCore"], path: "Benchmarks/Preference",
      swiftSettings: settings),
    // `make bench-training`.
    .executableTarget(
      name: "TrainingBenchmark", dependencies: ["MixCore", "NeuralNetwork"],
      path: "Benchmarks/Training", swiftSettings: settings),

    .testTarget(
      name: "MixCoreTests", dependencies: ["Audio", "CEBUR128", "MixCore"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "AudioTests", dependencies: ["Audio"], resources: [.copy("Fixtures")],
      swiftSettings: settings),
    .testTarget(
      name: "AutoMixTests", dependencies: ["Audio", "AutoMix", "MixCore", "NeuralNetwork"],
      swiftSettings: settings),
    .testTarget(
      name: "MixdownTests", dependencies: ["Audio", "CEBUR128", "MixCore", "Mixdown"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "NeuralNetworkTests", dependencies: ["MixCore", "NeuralNetwork"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "SeparationTests", dependencies: ["MixCore", "Separation", "Tonmeister"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "VocalPreparationTests", dependencies: ["Audio", "MixCore", "VocalPreparation"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    // The independent loudness meter that ours is compared with.
    .systemLibrary(
      name: "CEBUR128", path: "Tests/CEBUR128", pkgConfig: "libebur128",
      providers: [.apt(["libebur128-dev"])]),
    // An HTTP server for the tests, with all the faults that one can have.
    .target(name: "LoopbackServer", path: "Tests/LoopbackServer", swiftSettings: settings),
    .testTarget(
      name: "ModelStoreTests", dependencies: ["LoopbackServer", "ModelStore", "Separation"],
      swiftSettings: settings),
    .testTarget(
      name: "CommandTests", dependencies: ["LoopbackServer", "Tonmeister", "TonmeisterCommand"],
      swiftSettings: settings),
    .testTarget(
      name: "ServiceTests",
      dependencies: [
        "Audio", "MixCore", "Service", "Tonmeister", "TonmeisterCommand",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
      ], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
