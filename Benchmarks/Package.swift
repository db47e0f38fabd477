// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that nothing that only measuring needs reaches a user of the library.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-long-convolution", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        // Workloads, their buffers, and how time is taken: what both programs share.
        .target(
            name: "Measurement",
            dependencies: [
                .product(name: "Convolution", package: "swift-long-convolution"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        // The engine against the bare transforms that it executes.
        .executableTarget(
            name: "Bench",
            dependencies: [
                "Measurement", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Convolution", package: "swift-long-convolution"),
            ]),
        // Our side of the comparison of training steps, which Peers/compare_networks.py drives.
        .executableTarget(
            name: "NetworkWorker",
            dependencies: [
                "Measurement", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Convolution", package: "swift-long-convolution"),
                .product(name: "Tensors", package: "swift-long-convolution"),
                .product(name: "Terminator", package: "swift-long-convolution"),
                .product(name: "Training", package: "swift-long-convolution"),
            ]),
        // Our side of the comparison with other libraries, which Peers/compare.py drives.
        .executableTarget(
            name: "Worker",
            dependencies: [
                "Measurement", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Convolution", package: "swift-long-convolution"),
                .product(name: "Tensors", package: "swift-long-convolution"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
