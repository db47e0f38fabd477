// swift-tools-version: 6.3
import PackageDescription

// The library. It names no other package, so that whoever depends on it fetches nothing else: what programs need
// besides stands in Examples/Package.swift. Each target declares everything that it imports.
let package = Package(
    name: "swift-long-convolution",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Convolution", targets: ["Convolution"]),
        .library(name: "Tensors", targets: ["Tensors"]),
        .library(name: "SignalFiles", targets: ["SignalFiles"]),
        .library(name: "Terminator", targets: ["Terminator"]),
        .library(name: "Training", targets: ["Training"]),
        // The engine for C, linked by `make c-library` so that it needs no Swift where it is used.
        .library(name: "LongConvolutionC", targets: ["CLongConvolution", "LongConvolutionC"]),
        .library(name: "longconv", type: .dynamic, targets: ["LongConvolutionC"]),
    ],
    targets: [
        // C libraries of the system.
        .systemLibrary(
            name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"]), .brew(["fftw"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),

        // From the bottom up: each target knows only those above it in this list.
        .target(name: "CRuntime"),
        .target(name: "Runtime", dependencies: ["CRuntime"]),
        .target(name: "CVectorLoops"),
        .target(name: "CPNGReader", dependencies: ["CPNG"]),
        .target(name: "Convolution", dependencies: ["CFFTW", "CRuntime", "CVectorLoops", "Runtime"]),
        .target(name: "CLongConvolution"),
        .target(name: "LongConvolutionC", dependencies: ["CLongConvolution", "Convolution", "Runtime"]),
        .target(name: "SignalFiles", dependencies: ["Convolution", "CVectorLoops", "Runtime"]),
        .target(name: "Tensors", dependencies: ["Convolution", "CVectorLoops", "Runtime"]),
        .target(name: "Terminator", dependencies: ["Convolution", "Runtime", "Tensors"]),
        .target(
            name: "Training",
            dependencies: ["CPNG", "CPNGReader", "CZlib", "Convolution", "Runtime", "Tensors", "Terminator"]),

        // Tests.
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        .target(
            name: "TestSupport", dependencies: ["CAllocationCount", "Convolution", "Tensors"],
            path: "Tests/TestSupport"),
        .testTarget(name: "RuntimeTests", dependencies: ["Convolution", "Runtime", "TestSupport"]),
        .testTarget(
            name: "ConvolutionTests",
            dependencies: ["Convolution", "CVectorLoops", "Runtime", "TestSupport"]),
        .testTarget(
            name: "LongConvolutionCTests",
            dependencies: ["CLongConvolution", "Convolution", "LongConvolutionC", "TestSupport"]),
        .testTarget(
            name: "SignalFilesTests",
            dependencies: ["Convolution", "CVectorLoops", "Runtime", "SignalFiles", "TestSupport"]),
        .testTarget(
            name: "TensorsTests",
            dependencies: ["Convolution", "CVectorLoops", "Runtime", "Tensors", "TestSupport"]),
        .testTarget(
            name: "TerminatorTests", dependencies: ["Convolution", "Tensors", "Terminator", "TestSupport"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "Convolution", "CPNG", "CZlib", "Runtime", "Tensors", "Terminator", "TestSupport", "Training",
            ]),
        .testTarget(
            name: "GoldenTests", dependencies: ["Convolution", "Tensors", "Terminator", "TestSupport"]),
        .testTarget(name: "GuideTests", dependencies: ["Tensors", "Terminator", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)

// The engine and the tensors alone, for `make test-debug`.
if Context.environment["LONGCONV_ENGINE_ONLY"] != nil {
    let others = [
        "Terminator", "Training", "TerminatorTests", "TrainingTests", "GoldenTests", "GuideTests",
        "CPNGReader", "SignalFiles", "SignalFilesTests",
    ]
    package.targets.removeAll { others.contains($0.name) }
    package.products.removeAll { others.contains($0.name) }
}
