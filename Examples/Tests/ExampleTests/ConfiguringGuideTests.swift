import ExampleTestSupport
import Terminator
import Testing
import Training
import YAMLConfiguration

/// What the guide about configurations shows of files.
@Suite struct ConfiguringGuideTests {
    /// The file that the guide shows is a configuration.
    @Test func showsAConfiguration() throws {
        let guide = repositoryFolder + "/Docs/LongConvolution.docc/Configuring.md"
        let yaml = try #require(MarkdownBlock.blocks(of: guide).first { $0.language == "yaml" })
        let folder = try TemporaryFolder()
        let file = try folder.write(Array(yaml.text.utf8), to: "network.yaml")
        #expect(
            try NetworkConfiguration(contentsOf: file, as: YAMLFormat.self).blocks[2].skips == [0])
    }
}
