// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "swift-long-convolution",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [
        .library(name: "Convolution", targets: ["Convolution"]),
        .library(name: "Tensors", targets: ["Tensors"]),
        .library(name: "Terminator", targets: ["Terminator"]),
        .library(name: "Training", targets: ["Training"]),
        .executable(name: "Digits", targets: ["Digits"]),
        .executable(name: "SequentialMNIST", targets: ["SequentialMNIST"]),
        .executable(name: "PermutedMNIST", targets: ["PermutedMNIST"]),
        .executable(name: "SequentialCIFAR10", targets: ["SequentialCIFAR10"]),
        .executable(name: "CIFAR10", targets: ["CIFAR10"]),
        .executable(name: "CIFAR100", targets: ["CIFAR100"]),
        .executable(name: "STL10", targets: ["STL10"]),
        .executable(name: "AddingProblem", targets: ["AddingProblem"]),
        .executable(name: "CopyMemory", targets: ["CopyMemory"]),
        .executable(name: "KernelFitting", targets: ["KernelFitting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C libraries of the system.
        .systemLibrary(
            name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"]), .brew(["fftw"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .systemLibrary(
            name: "CArchive", pkgConfig: "libarchive",
            providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),

        // The package, from the bottom up: each target knows only those above it in this list.
        .target(name: "CRuntime"),
        .target(name: "Runtime", dependencies: ["CRuntime"]),
        .target(name: "CVectorKernels"),
        .target(name: "Convolution", dependencies: ["CFFTW", "CRuntime", "CVectorKernels", "Runtime"]),
        .target(name: "Tensors", dependencies: ["Convolution", "CVectorKernels", "Runtime"]),
        .target(name: "Terminator", dependencies: ["Runtime", "Tensors"]),
        .target(
            name: "Training",
            dependencies: ["Terminator", "CPNG", "CZlib", "Runtime", .product(name: "Yams", package: "Yams")]),

        // Beside that line: what programs need and networks do not.
        .target(
            name: "DataFetching",
            dependencies: ["CArchive", .product(name: "Crypto", package: "swift-crypto")]),
        .target(
            name: "TensorBoard", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
            exclude: ["Messages/event.proto"]),
        .target(name: "Reports"),

        // One executable for each benchmark, and what their command lines have in common.
        .target(
            name: "ExampleSupport",
            dependencies: [
                "Reports", "TensorBoard", "Training",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Examples/Support"),
        .target(
            name: "DataCommands",
            dependencies: [
                "DataFetching", "ExampleSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Examples/DataCommands"),
        .executableTarget(
            name: "Digits",
            dependencies: ["ExampleSupport"],
            path: "Examples/Digits",
            resources: [.copy("Data")]),
        .executableTarget(
            name: "SequentialMNIST", dependencies: ["DataCommands"], path: "Examples/SequentialMNIST"),
        .executableTarget(
            name: "PermutedMNIST", dependencies: ["DataCommands"], path: "Examples/PermutedMNIST"),
        .executableTarget(
            name: "SequentialCIFAR10", dependencies: ["DataCommands"], path: "Examples/SequentialCIFAR10"),
        .executableTarget(name: "CIFAR10", dependencies: ["DataCommands"], path: "Examples/CIFAR10"),
        .executableTarget(name: "CIFAR100", dependencies: ["DataCommands"], path: "Examples/CIFAR100"),
        .executableTarget(name: "STL10", dependencies: ["DataCommands"], path: "Examples/STL10"),
        .executableTarget(
            name: "AddingProblem", dependencies: ["ExampleSupport"], path: "Examples/AddingProblem"),
        .executableTarget(name: "CopyMemory", dependencies: ["ExampleSupport"], path: "Examples/CopyMemory"),
        .executableTarget(
            name: "KernelFitting",
            dependencies: ["ExampleSupport"],
            path: "Examples/KernelFitting"),

        // Tests.
        .target(name: "TestSupport", dependencies: ["Convolution", "Tensors"], path: "Tests/TestSupport"),
        .testTarget(name: "RuntimeTests", dependencies: ["Convolution", "Runtime", "TestSupport"]),
        .testTarget(
            name: "ConvolutionTests",
            dependencies: ["Convolution", "CVectorKernels", "Runtime", "TestSupport"]),
        .testTarget(name: "TensorsTests", dependencies: ["CVectorKernels", "Tensors", "TestSupport"]),
        .testTarget(name: "TerminatorTests", dependencies: ["Terminator", "TestSupport"]),
        .testTarget(name: "TrainingTests", dependencies: ["Training", "CPNG", "CZlib", "TestSupport"]),
        .testTarget(
            name: "DataFetchingTests",
            dependencies: [
                "CArchive", "DataFetching", "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .testTarget(name: "ReportsTests", dependencies: ["Reports"]),
        .testTarget(name: "TensorBoardTests", dependencies: ["TensorBoard", "TestSupport"]),
        .testTarget(
            name: "GoldenTests", dependencies: ["Convolution", "Tensors", "Terminator", "TestSupport"]),
        .testTarget(name: "ExampleTests", dependencies: ["CZlib", "TestSupport", "Training"]),
    ],
    swiftLanguageModes: [.v6]
)
