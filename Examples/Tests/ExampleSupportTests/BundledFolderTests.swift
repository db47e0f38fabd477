import ExampleTestSupport
import Foundation
import Testing

@testable import ExampleSupport

@Suite struct BundledFolderTests {
    let folder: TemporaryFolder
    var candidates: [String] { ["first/Data", "second/Data"].map { folder.file($0) } }

    init() throws { folder = try TemporaryFolder() }

    /// Beside the program, then where it was built; the place to name if there is none is the first.
    @Test func looksInOrder() throws {
        let bundled = BundledFolder(candidates: candidates)
        #expect(bundled.path == candidates[0])
        try FileManager.default.createDirectory(atPath: candidates[1], withIntermediateDirectories: true)
        #expect(bundled.path == candidates[1])
        // A file is not a folder.
        try FileManager.default.createDirectory(
            atPath: folder.file("first"), withIntermediateDirectories: true)
        _ = try folder.write([1], to: "first/Data")
        #expect(bundled.path == candidates[1])
        try FileManager.default.removeItem(atPath: candidates[0])
        try FileManager.default.createDirectory(atPath: candidates[0], withIntermediateDirectories: true)
        #expect(bundled.path == candidates[0])
    }

    @Test func isBesideTheProgramOrInTheSources() {
        let bundled = BundledFolder("Data", ofTarget: "Digits", sourceFile: "/sources/Digits/Digits.swift")
        #expect(bundled.candidates.count == 2 && bundled.candidates[1] == "/sources/Digits/Data")
        #expect(bundled.candidates[0].hasSuffix("/long-convolution-examples_Digits.resources/Data"))
    }
}
