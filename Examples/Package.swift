// swift-tools-version: 6.3
import PackageDescription

/// A library of the package in the folder above. The dependency has a name of its own because a package without one is
/// named for its folder, and a clone may be called anything.
func library(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-long-convolution") }

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

/// The program of a benchmark that reads images which it can fetch.
func imageBenchmark(_ name: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: [
            "DataCommands", "DataFetching", "ExampleSupport", library("Terminator"), library("Training"),
        ])
}

/// The program of a benchmark that draws its sequences.
func sequenceBenchmark(_ name: String) -> Target {
    .executableTarget(name: name, dependencies: ["ExampleSupport", library("Tensors"), library("Training")])
}

// One program for each benchmark, and what only programs need: command lines, YAML, downloads, event files, reports.
// Each target declares everything that it imports.
let package = Package(
    name: "long-convolution-examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-long-convolution", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        // With one trait: SwiftPM passes several of them to the compiler in a random order, and compiles the package anew
        // whenever it planned another order.
        .package(
            url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: ["FieldMaskUtilities"]),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CArchive", pkgConfig: "libarchive",
            providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),

        // Each knows none of the others.
        .target(name: "DataFetching", dependencies: ["CArchive", "CCurl", crypto, library("Training")]),
        .target(name: "Reports"),
        .target(
            name: "TensorBoard", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
            exclude: ["Messages/event.proto"]),
        .target(
            name: "YAMLConfiguration",
            dependencies: [
                library("Terminator"), library("Training"), .product(name: "Yams", package: "Yams"),
            ]),

        // What the command lines have in common.
        .target(
            name: "ExampleSupport",
            dependencies: [
                "Reports", "TensorBoard", "YAMLConfiguration", argumentParser, library("Convolution"),
                library("Tensors"), library("Terminator"), library("Training"),
            ]),
        .target(
            name: "DataCommands",
            dependencies: ["DataFetching", "ExampleSupport", argumentParser, library("Training")]),

        // The programs.
        .executableTarget(
            name: "Digits", dependencies: ["ExampleSupport", library("Terminator"), library("Training")],
            resources: [.copy("Data")]),
        imageBenchmark("SequentialMNIST"),
        imageBenchmark("PermutedMNIST"),
        imageBenchmark("SequentialCIFAR10"),
        imageBenchmark("CIFAR10"),
        imageBenchmark("CIFAR100"),
        imageBenchmark("STL10"),
        sequenceBenchmark("AddingProblem"),
        sequenceBenchmark("CopyMemory"),
        .executableTarget(
            name: "KernelFitting",
            dependencies: [
                "ExampleSupport", argumentParser, library("Tensors"), library("Terminator"),
                library("Training"),
            ]),
        .executableTarget(
            name: "CharacterModel",
            dependencies: [
                "ExampleSupport", argumentParser, library("Tensors"), library("Terminator"),
                library("Training"),
            ], resources: [.copy("Data")]),
        .executableTarget(
            name: "StreamingReverb",
            dependencies: [
                "ExampleSupport", argumentParser, library("Convolution"), library("SignalFiles"),
            ]),
        .executableTarget(
            name: "ConvolveFile",
            dependencies: [
                "ExampleSupport", argumentParser, library("Convolution"), library("SignalFiles"),
                library("Training"),
            ]),
        .executableTarget(
            name: "CommunicatorCheck", dependencies: [library("Tensors"), library("Training")]),
        .executableTarget(
            name: "DistributedConvolutionCheck",
            dependencies: [library("Convolution"), library("Tensors"), library("Training")]),

        // Tests. What they have in common with those of the library are links to its files.
        .target(
            name: "ExampleTestSupport", dependencies: [library("Tensors")], path: "Tests/ExampleTestSupport"),
        .testTarget(
            name: "DataFetchingTests",
            dependencies: ["CArchive", "DataFetching", "ExampleTestSupport", crypto]),
        .testTarget(name: "ReportsTests", dependencies: ["Reports"]),
        .testTarget(name: "TensorBoardTests", dependencies: ["ExampleTestSupport", "TensorBoard"]),
        .testTarget(
            name: "YAMLConfigurationTests",
            dependencies: [
                "ExampleTestSupport", "YAMLConfiguration", library("Tensors"), library("Terminator"),
                library("Training"),
            ]),
        .testTarget(name: "ExampleSupportTests", dependencies: ["ExampleSupport", "ExampleTestSupport"]),
        .testTarget(
            name: "ExampleTests",
            dependencies: [
                "CArchive", "ExampleTestSupport", "YAMLConfiguration", library("Tensors"),
                library("Terminator"), library("Training"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
