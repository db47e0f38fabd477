import ArgumentParser
import Terminator
import Training

typealias Form = NetworkConfiguration.DigitsForm

extension NetworkConfiguration.DigitsForm: ExpressibleByArgument {}

extension Form {
    /// The samples of gray images in this form.
    func samples(of images: DataSet) -> DataSet {
        switch self {
        case .sequence: images.asSequences
        case .image: images
        }
    }

    /// The network for samples in this form: that for 8x8 images, at the samples' extents.
    func configuration(for samples: DataSet) -> NetworkConfiguration {
        var configuration = NetworkConfiguration.digits(form: self)
        configuration.extents = Array(samples.sampleShape[1...])
        return configuration
    }
}

extension TrainedNetwork {
    /// Reads a network for `images`: of the given form, or of the one that the file has.
    init(contentsOf file: String, for images: DataSet, form: Form?) throws(CheckpointError) {
        try self.init(contentsOf: file, expecting: form.map { $0.configuration(for: $0.samples(of: images)) })
        let configuration = network.configuration
        let samples = self.form.samples(of: images)
        guard
            samples.sampleShape == [configuration.inputChannels] + configuration.extents,
            samples.classCount == configuration.classCount
        else {
            throw .configuration(
                path: file,
                reason:
                    "expected a network for samples of shape \(samples.sampleShape) in \(samples.classCount) "
                    + "classes, found one for \([configuration.inputChannels] + configuration.extents) in "
                    + "\(configuration.classCount)")
        }
    }

    /// The metrics of the network on images, in batches of 128.
    func evaluated(on images: DataSet) throws(NonFiniteValueError) -> Metrics {
        try network.evaluated(
            on: Batches(of: form.samples(of: images), normalization: normalization, batchSize: 128))
    }

    private var form: Form { network.configuration.extents.count == 1 ? .sequence : .image }
}
