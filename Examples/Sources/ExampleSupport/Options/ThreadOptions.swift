import ArgumentParser
import Convolution

/// On how many threads a program computes.
package struct ThreadOptions: ParsableArguments {
    @Option(
        help: "The number of threads; results do not depend on it. (default: one for each processor)",
        transform: wholeNumber(1...1024))
    package var threads: Int?

    /// One for each processor.
    package init() {}

    /// Lets everything that is computed from now on have that many threads.
    package func apply() {
        if let threads { Threads.count = threads }
    }
}
