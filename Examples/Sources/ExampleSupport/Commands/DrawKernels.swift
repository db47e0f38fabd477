import ArgumentParser
import Terminator
import Training

/// Draws the global hyper-kernels of a trained network.
struct DrawKernels<B: Benchmark>: ExampleCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "kernels", abstract: "Draws the global hyper-kernels of a trained network.",
            discussion: """
                The kernels W of each block, before the input shapes them, are drawn to block-<number>.png, counted from \
                0. For sequences each channel is a row, with time to the right; for images each is a tile. Colors run \
                from blue over white at 0 to red; the full color stands for the block's largest magnitude, which is \
                printed. Existing files of these names are replaced.
                """)
    }

    @Argument(help: "The file with the network.", completion: .file())
    var model = "results/\(B.self)/model.safetensors"
    @Option(help: "The folder for the pictures.", completion: .directory)
    var output = "results/\(B.self)/kernels"
    @Flag(help: "Write a line of JSON for each picture.") var json = false

    /// The pictures are worth more than what is said of them.
    static var endsWithItsReader: Bool { false }

    func run() throws {
        let network = try TrainedNetwork(contentsOf: model).network
        try createFolder(output)
        var announcer = OutputOptions()
        announcer.json = json
        for (index, block) in network.blocks.enumerated() {
            let kernel = block.globalSlowNet.kernel(extents: network.configuration.extents)
            let sheet = KernelSheet(of: kernel)
            let file = "\(output)/block-\(index).png"
            try sheet.image.write(toPNG: file)
            let shape = kernel.shape.map(String.init).joined(separator: "x")
            announcer.announce(
                "kernels",
                [
                    "block": .integer(index), "file": .text(file), "scale": .number(Double(sheet.scale)),
                    "channels": .integer(kernel.shape[0]),
                ],
                text: "\(file)  \(shape), full color at \(decimal(Double(sheet.scale), 6))")
        }
    }
}
