import Tensors

/// Norm rescaling of a slow net's hidden features: α · stopGradient(h) + β · h / |h|, with the norm |h| over space for
/// each sample and channel.
///
/// The gradient reaches h through the second term only, which keeps its scale fixed.
struct RenormalizationLayer {
    /// The constants α and β, or their values at initialization.
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
            return hidden.normRescaled(alpha: configuration.alpha, beta: configuration.beta * scale)
        }
        return hidden.detached * trained.slice(alongAxis: 0, 0..<1)
            + hidden.normRescaled(alpha: 0, beta: scale) * trained.slice(alongAxis: 0, 1..<2)
    }
}
