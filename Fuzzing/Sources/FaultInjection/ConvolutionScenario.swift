import Foundation

/// A convolution from file to file that replaces an older output.
struct ConvolutionScenario: Scenario {
    let name = "convolution of files"
    let program: TracedProgram
    private let folder: WorkFolder
    private let whole: Data

    private static let old = Data("what was there".utf8)

    private let output: String
    let arguments: [String]

    init(programs: String) throws {
        let folder = try WorkFolder()
        self.folder = folder
        output = folder.file("output.f32")
        arguments = [folder.file("signal.f32"), folder.file("kernel.f32"), output, "--quiet"]
        program = TracedProgram(file: programs + "/ConvolveFile", folder: folder)
        for (name, count) in [("signal", 300_000), ("kernel", 900)] {
            let samples = (0..<count).map { Float(($0 &* 7919) % 1000) / 1000 }
            try samples.withUnsafeBytes { Data($0) }.write(
                to: URL(fileURLWithPath: folder.file(name + ".f32")))
        }
        let ending = try program.runUntraced(arguments)
        guard ending.isSuccess, let whole = contents(output) else {
            throw Unusable(what: "the undisturbed convolution ends with \(ending.description)")
        }
        self.whole = whole
    }

    func prepare() throws { try Self.old.write(to: URL(fileURLWithPath: output)) }

    func loss(after ending: Ending) throws -> String? {
        guard let found = contents(output) else { return "the older output is gone" }
        if ending.isSuccess { return found == whole ? nil : "the output is not whole after a success" }
        return found == whole || found == Self.old ? nil : "the output is cut off"
    }
}
