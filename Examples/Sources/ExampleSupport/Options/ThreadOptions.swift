import ArgumentParser
import Convolution

/// On how many threads a program computes.
struct ThreadOptions: ParsableArguments {
    @Option(
        help: "The number of threads; results do not depend on it. (default: one for each processor)",
        transform: wholeNumber(1...1024))
    var threads: Int?

    /// Lets everything that is computed from now on have that many threads.
    func apply() {
        if let threads { Threads.count = threads }
    }
}
