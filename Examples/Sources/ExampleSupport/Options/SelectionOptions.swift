import ArgumentParser
import Training

/// Which network a training keeps, and when it ends early.
struct SelectionOptions: ParsableArguments {
    /// The networks that can be kept.
    enum Kept: String, ExpressibleByArgument, CaseIterable {
        /// The one after the last epoch.
        case last
        /// The one after the epoch with the best result on validation data.
        case best
    }

    @Option(help: "The network to keep: that of the last epoch, or of the best one on the validation data.")
    var keep = Kept.last
    @Option(
        help: "End the training after this number of epochs without a better result on the validation data.",
        transform: wholeNumber(1...largestCount))
    var patience: Int?

    /// `nil` for the last network after all epochs.
    var modelSelection: ModelSelection? {
        keep == .last && patience == nil ? nil : ModelSelection(keepsBest: keep == .best, patience: patience)
    }
}
