import ArgumentParser
import Convolution

extension Rigour: @retroactive ExpressibleByArgument {}

/// The options that both programs have.
public struct MeasurementOptions: ParsableArguments {
    /// The number of threads, from 1 to 1024.
    @Option(help: "The number of threads, from 1 to 1024.")
    public var threads = 2

    /// How long FFTW may look for a fast plan.
    @Option(help: "How long FFTW may look for a fast plan.")
    public var rigour = Rigour.estimate

    /// The defaults.
    public init() {}

    /// Refuses what makes no sense.
    public func validate() throws {
        guard 1...1024 ~= threads else {
            throw ValidationError("--threads: expected 1 to 1024 threads, got \(threads)")
        }
    }
}
