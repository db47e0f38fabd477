// swift-tools-version: 6.3
import PackageDescription

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
func library(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-long-convolution") }

// What proves programs and readers: a fuzzer of every reader, and the injection of faults into the programs.
// Scripts/fuzz and Scripts/inject-faults build it, the former with the sanitizers' flags on its command line.
let package = Package(
    name: "long-convolution-fuzzing",
    platforms: [.macOS(.v15)],
    products: [.library(name: "ShortWrites", type: .dynamic, targets: ["ShortWrites"])],
    dependencies: [
        .package(name: "swift-long-convolution", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Readers of the programs: links to their files.
        .systemLibrary(
            name: "CArchive", pkgConfig: "libarchive",
            providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),
        .target(name: "Archives", dependencies: ["CArchive"]),
        .target(
            name: "YAMLConfiguration",
            dependencies: [
                library("Terminator"), library("Training"), .product(name: "Yams", package: "Yams"),
            ]),

        .target(name: "LibFuzzer"),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Archives", "YAMLConfiguration", library("Convolution"), library("LongConvolutionC"),
                library("SignalFiles"), library("Tensors"), library("Terminator"), library("Training"),
            ]),
        .executableTarget(name: "Fuzz", dependencies: ["FuzzTargets", "LibFuzzer"]),

        .target(name: "ShortWrites"),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
        .target(
            name: "DataFetching",
            dependencies: [
                "CArchive", "CCurl", .product(name: "Crypto", package: "swift-crypto"), library("Training"),
            ]),
        .executableTarget(name: "FetchSample", dependencies: ["DataFetching"]),
        .executableTarget(name: "FaultInjection", dependencies: [argumentParser]),
    ],
    swiftLanguageModes: [.v6]
)
