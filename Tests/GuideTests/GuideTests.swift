import Foundation
import Tensors
import Terminator
import TestSupport
import Testing

/// The code in the guides is the code of the snippets, which are compiled and run; what the guides say they print is
/// what they print.
@Suite struct GuideTests {
    /// The package's folder.
    static let packageFolder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    @Test(arguments: [
        ("README.md", ["Convolve"]),
        ("Docs/LongConvolution.docc/GettingStarted.md", ["Convolve", "TrainingStep"]),
        ("Docs/LongConvolution.docc/Convolution.md", ["OneRow"]),
        ("Docs/LongConvolution.docc/HowTheEngineWorks.md", ["RightAngle"]),
        (
            "Docs/LongConvolution.docc/Streaming.md",
            ["StreamSamples", "StreamBlocks", "ConvolveFiles", "StreamContext", "StreamStateSpace"]
        ),
        ("Docs/LongConvolution.docc/Configuring.md", ["Configure"]),
        ("Docs/LongConvolution.docc/MovingFromTheAuthorsCode.md", ["ReadAuthorsCheckpoint"]),
        ("Docs/LongConvolution.docc/SlowNets.md", ["ChooseSlowNet"]),
        ("Docs/LongConvolution.docc/Kernels.md", ["ChooseKernel"]),
        ("Docs/LongConvolution.docc/KernelsCompared.md", ["CompareKernels"]),
        ("Docs/LongConvolution.docc/Operators.md", ["Operators", "ReadLengths"]),
        ("Docs/LongConvolution.docc/CausalNetworks.md", ["StreamNetwork"]),
        ("Docs/LongConvolution.docc/Tensors.md", ["FitLine"]),
    ])
    func showsWhatRuns(guide: String, snippets: [String]) throws {
        let blocks = try MarkdownBlock.blocks(of: "\(Self.packageFolder)/\(guide)")
        #expect(blocks.filter { $0.language == "swift" }.count == snippets.count)
        for snippet in snippets {
            let code = try String(
                contentsOfFile: "\(Self.packageFolder)/Snippets/\(snippet).swift", encoding: .utf8)
            let index = try #require(
                blocks.firstIndex(of: MarkdownBlock(language: "swift", text: code)),
                "\(guide) has no block equal to the snippet \(snippet)")
            let outcome = try Program(snippet).run()
            #expect(outcome.status == 0 && outcome.errors == "")
            #expect(
                index + 1 < blocks.count
                    && blocks[index + 1] == MarkdownBlock(language: "text", text: outcome.output)
            )
        }
    }

    /// The presets in the guide's table are all there are, and they have as many parameters as it says.
    @Test func listsThePresets() throws {
        let guide = "Docs/LongConvolution.docc/Configuring.md"
        let rows = try String(contentsOfFile: Self.packageFolder + "/" + guide, encoding: .utf8)
            .split(separator: "\n").filter { $0.hasPrefix("| `") }.map { $0.split(separator: "|") }
        var names: [String] = []
        for row in rows {
            let presets = row[0].matches(of: /`([^`]+)`/).map { String($0.1) }
            let counts = row[2].matches(of: /[\d,]+/).map { Int($0.0.replacing(",", with: "")) }
            for (index, name) in presets.enumerated() {
                let preset = try #require(NetworkPreset(rawValue: name))
                var randomNumbers = RandomNumbers(seed: 1)
                let network = Network(preset.configuration, using: &randomNumbers)
                #expect(network.parameterCount == counts[min(index, counts.count - 1)], "\(name)")
            }
            names += presets
        }
        #expect(names.sorted() == NetworkPreset.allCases.map(\.rawValue).sorted())
    }
}
