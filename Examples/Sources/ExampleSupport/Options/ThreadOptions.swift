import ArgumentParser
import Convolution

/// On how many threads a program computes.
struct ThreadOptions: ParsableArguments {
    @Option(help: "The number of threads; results do not depend on it. (default: one for each processor)")
    var threads: Int?

    func validate() throws {
        try expect(1...1024 ~= threads ?? 1, "--threads is from 1 to 1024, found \(threads ?? 1)")
    }

    /// Lets everything that is computed from now on have that many threads.
    func apply() {
        if let threads { Threads.count = threads }
    }
}
