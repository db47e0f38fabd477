import ArgumentParser
import ExampleSupport

/// Fits slow nets to kernels that are known, which shows what each kind can represent and how soon it learns it.
@main
struct KernelFitting: ExampleCommand {
    static let configuration = CommandConfiguration(
        commandName: "KernelFitting",
        abstract: "Fits the kinds of slow nets to target kernels and draws what they learned.",
        version: Release.version, subcommands: [FitCommand.self])
}
