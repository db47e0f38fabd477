/// Which of a training's networks is kept, and when the training ends before its last epoch.
public struct ModelSelection: Codable, Equatable, Sendable {
    /// Whether the network of the best epoch is kept (see ``TrainingHistory/bestEpoch``), not the last one.
    public var keepsBest: Bool
    /// The number of epochs without a better one after which the training ends; `nil` for never.
    public var patience: Int?

    /// A selection from its parts.
    public init(keepsBest: Bool = false, patience: Int? = nil) {
        self.keepsBest = keepsBest
        self.patience = patience
    }

    /// Whether a training with the given history ends.
    public func isOver(_ history: TrainingHistory) -> Bool {
        guard let patience, let last = history.epochs.last?.epoch, let best = history.bestEpoch else {
            return false
        }
        return last - best >= patience
    }
}
