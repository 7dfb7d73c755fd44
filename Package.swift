// swift-tools-version: 6.2
import PackageDescription

// Two rings (docs/architecture.md). Arrows point inward only: the pure ring imports no Foundation,
// no clock, no system random, no I/O, and Tests/HouseTests/StyleTests.swift holds it to that.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let ordered = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")

/// The peer is linked with the static runtime and packed relocations: 27 MB resident instead of 36, and
/// it runs where no toolchain is. docs/adr/0009-static-runtime.md.
let staticRuntime = LinkerSetting.unsafeFlags(
    [
        "-static-stdlib", "-use-ld=lld", "-lCoreFoundation", "-l_FoundationICU",
        "-l_FoundationCShims", "-l_FoundationCollections", "-Xlinker", "--no-export-dynamic",
        "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
    ], .when(platforms: [.linux]))

func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(
    _ name: String, _ dependencies: [Target.Dependency], linker: [LinkerSetting] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, swiftSettings: settings, linkerSettings: linker)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let package = Package(
    name: "starling",
    products: [
        .executable(name: "starlingd", targets: ["starlingd"]),
        .executable(name: "starling", targets: ["starling"]),
        .executable(name: "meshctl", targets: ["meshctl"]),
        .executable(name: "meshsim", targets: ["meshsim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    ],
    targets: [
        // The pure ring.
        room("MeshModel", []),
        room("MeshWire", ["MeshModel"]),
        room("MeshIdentity", ["MeshModel", "MeshWire", crypto, cryptoExtras]),
        room("MeshLog", ["MeshModel", "MeshWire", "MeshIdentity", ordered]),
        room("MeshGossip", ["MeshLog", "MeshModel", "MeshWire", "MeshIdentity", ordered, deque]),

        // The shell ring.
        room(
            "MeshNode",
            [
                "MeshModel", "MeshWire", "MeshIdentity", "MeshLog", "MeshGossip", "CLinux", logging,
                deque, heap,
            ]),
        room(
            "MeshLink",
            ["MeshModel", "MeshGossip", "MeshNode", "CLinux", nioCore, nioPosix, logging]),
        room(
            "MeshStore",
            ["MeshModel", "MeshWire", "MeshIdentity", "MeshLog", "MeshGossip", "MeshNode", grdb]),
        room("MeshWAMP", [nioCore]),
        room(
            "MeshAPI",
            [
                "MeshModel", "MeshLog", "MeshGossip", "MeshNode", "MeshWAMP", nioCore, nioPosix,
                logging,
            ]),
        room("MeshClient", ["MeshWAMP", nioCore, nioPosix]),
        room("MeshCommands", ["MeshClient", "MeshWAMP", "MeshModel", arguments]),

        // Support.
        .systemLibrary(name: "CLinux"),
        room(
            "MeshSimulation",
            ["MeshModel", "MeshWire", "MeshIdentity", "MeshLog", "MeshGossip", ordered, heap]),

        // Composition roots.
        program(
            "starlingd",
            [
                "MeshModel", "MeshIdentity", "MeshGossip", "MeshLog", "MeshNode", "MeshLink",
                "MeshStore", "MeshWAMP", "MeshAPI", arguments, lifecycle, unixSignals, logging,
                nioCore, nioPosix,
            ], linker: [staticRuntime]),
        program("starling", ["MeshCommands", arguments]),
        program("meshctl", ["MeshCommands", arguments]),
        program("meshsim", ["MeshSimulation", "MeshModel", arguments]),

        // Tests.
        tests("MeshModelTests", ["MeshModel"]),
        tests("MeshWireTests", ["MeshWire", "MeshModel", "MeshIdentity", crypto]),
        tests("MeshIdentityTests", ["MeshIdentity", "MeshModel", "MeshWire", crypto]),
        tests("MeshLogTests", ["MeshLog", "MeshModel", "MeshWire", "MeshIdentity"]),
        tests(
            "MeshGossipTests",
            ["MeshGossip", "MeshLog", "MeshModel", "MeshWire", "MeshIdentity"]),
        tests(
            "MeshSimulationTests",
            ["MeshSimulation", "MeshGossip", "MeshLog", "MeshModel", "MeshWire", "MeshIdentity"]),
        tests(
            "MeshStoreTests",
            ["MeshStore", "MeshLog", "MeshGossip", "MeshModel", "MeshIdentity", grdb]),
        tests(
            "MeshNodeTests",
            [
                "MeshNode", "MeshAPI", "MeshWAMP", "MeshStore", "MeshGossip", "MeshLog",
                "MeshModel",
                "MeshIdentity", "MeshLink", grdb, logging, nioPosix,
            ]),
        tests(
            "MeshLinkTests",
            ["MeshLink", "MeshNode", "MeshGossip", "MeshModel", logging, nioCore, nioPosix]),
        tests(
            "MeshAPITests",
            ["MeshAPI", "MeshClient", "MeshWAMP", "MeshModel", logging, nioCore, nioPosix]),
        tests(
            "MeshCommandsTests",
            ["MeshCommands", "MeshAPI", "MeshWAMP", "MeshModel", logging], exclude: ["Golden"]),
        tests("HouseTests", []),
    ]
)
