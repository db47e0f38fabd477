import Tensors

/// α · stopGradient(h) + β · h / |h|, with |h| over space for each sample and channel.
///
/// Keeps the gradient of a slow net's hidden features at a fixed scale: it reaches h through the second term only.
struct Renormalization {
    /// What α and β start with, or are.
    let configuration: RenormalizationConfiguration
    /// `[2]`, α and β, where they are trained.
    var trained: Tensor?

    init(_ configuration: RenormalizationConfiguration) {
        self.configuration = configuration
        trained =
            configuration.isTrained
            ? Tensor(shape: [2], scalars: [configuration.alpha, configuration.beta]) : nil
    }

    /// - Parameter sampleCount: the number of samples for which α and β were chosen, if it is not that of `hidden`:
    ///   |h| grows with the root of it.
    func callAsFunction(_ hidden: Tensor, sampleCount: Int? = nil) -> Tensor {
        let samples = hidden.shape[2...].reduce(1, *)
        let scale = (Float(samples) / Float(sampleCount ?? samples)).squareRoot()
        guard let trained else {
            return hidden.renormalized(alpha: configuration.alpha, beta: configuration.beta * scale)
        }
        return hidden.detached * trained.slice(alongAxis: 0, 0..<1)
            + hidden.renormalized(alpha: 0, beta: scale) * trained.slice(alongAxis: 0, 1..<2)
    }
}
