import ArgumentParser
import Convolution

extension Rigour: @retroactive ExpressibleByArgument {}

/// The options that both programs have.
public struct MeasurementOptions: ParsableArguments {
    /// The number of threads, from 1.
    @Option(help: "The number of threads, from 1.")
    public var threads = 2

    /// How long FFTW may look for a fast plan.
    @Option(help: "How long FFTW may look for a fast plan.")
    public var rigour = Rigour.estimate

    /// The defaults.
    public init() {}

    /// Refuses what makes no sense.
    public func validate() throws {
        guard threads >= 1 else { throw ValidationError("expected at least 1 thread, got \(threads)") }
    }
}
