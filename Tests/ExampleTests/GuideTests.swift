import Foundation
import Tensors
import Terminator
import TestSupport
import Testing
import Training

/// The code in the guides is the code of the snippets, which are compiled and run; what the guides say they print is
/// what they print.
@Suite struct GuideTests {
    /// A fenced block of a Markdown file.
    struct Block: Equatable {
        let language: String
        let text: String
    }

    static func blocks(of file: String) throws -> [Block] {
        var blocks: [Block] = []
        var open: (language: String, lines: [Substring])?
        let text = try String(contentsOfFile: packageFolder + "/" + file, encoding: .utf8)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if !line.hasPrefix("```") {
                open?.lines.append(line)
            } else if let (language, lines) = open {
                blocks.append(Block(language: language, text: lines.map { $0 + "\n" }.joined()))
                open = nil
            } else {
                open = (String(line.dropFirst(3)), [])
            }
        }
        #expect(open == nil, "a block of \(file) is not closed")
        return blocks
    }

    @Test(arguments: [
        ("README.md", ["Convolve"]),
        ("Docs/LongConvolution.docc/GettingStarted.md", ["Convolve", "TrainingStep"]),
        ("Docs/LongConvolution.docc/Convolution.md", ["OneRow"]),
        ("Docs/LongConvolution.docc/HowTheEngineWorks.md", ["RightAngle"]),
        ("Docs/LongConvolution.docc/Configuring.md", ["Configure"]),
        ("Docs/LongConvolution.docc/MovingFromTheAuthorsCode.md", ["AuthorsCheckpoint"]),
        ("Docs/LongConvolution.docc/SlowNets.md", ["ChooseSlowNet"]),
    ])
    func showsWhatRuns(guide: String, snippets: [String]) throws {
        let blocks = try Self.blocks(of: guide)
        #expect(blocks.filter { $0.language == "swift" }.count == snippets.count)
        for snippet in snippets {
            let code = try String(
                contentsOfFile: "\(packageFolder)/Snippets/\(snippet).swift", encoding: .utf8)
            let index = try #require(
                blocks.firstIndex(of: Block(language: "swift", text: code)),
                "\(guide) has no block equal to the snippet \(snippet)")
            let outcome = try Program(snippet).run()
            #expect(outcome.status == 0 && outcome.errors == "")
            #expect(
                index + 1 < blocks.count && blocks[index + 1] == Block(language: "text", text: outcome.output)
            )
        }
    }

    /// The file that the guide shows is a configuration, the presets in its table are all there are, and they have as
    /// many parameters as it says.
    @Test func showsConfigurations() throws {
        let guide = "Docs/LongConvolution.docc/Configuring.md"
        let yaml = try #require(Self.blocks(of: guide).first { $0.language == "yaml" })
        let folder = try TemporaryFolder()
        let file = try folder.write(Array(yaml.text.utf8), to: "network.yaml")
        #expect(try NetworkConfiguration(contentsOf: file).blocks[2].skips == [0])

        let rows = try String(contentsOfFile: packageFolder + "/" + guide, encoding: .utf8)
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
