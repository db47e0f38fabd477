import ArgumentParser
import ExampleSupport
import Terminator
import Training

typealias Form = NetworkConfiguration.DigitsForm

extension NetworkConfiguration.DigitsForm: ExpressibleByArgument {}

extension Form {
    /// The form that a network reads.
    init(of configuration: NetworkConfiguration) {
        self = configuration.extents.count == 1 ? .sequence : .image
    }

    /// The network for this form.
    var preset: NetworkPreset {
        switch self {
        case .sequence: .digitsSequence
        case .image: .digitsImage
        }
    }

    /// The samples of gray images in this form.
    func samples(of images: DataSet) -> DataSet {
        switch self {
        case .sequence: images.asSequences
        case .image: images
        }
    }
}

extension ConfigurationOptions {
    /// The network for `images`: a preset's has the extents of the samples in its form.
    func configuration(for images: DataSet, form: Form?) throws -> NetworkConfiguration {
        let configuration = try configuration(standard: (form ?? .sequence).preset) { preset in
            let samples = Form(of: preset).samples(of: images)
            preset.extents = Array(samples.sampleShape[1...])
        }
        let found = Form(of: configuration)
        try expect(
            form == nil || form == found,
            "--form \(form ?? found): expected a network of that form, found one with the extents "
                + "\(configuration.extents)")
        let samples = found.samples(of: images)
        try expect(
            configuration.reads(samples), configuration.mismatch(with: samples))
        return configuration
    }
}

extension NetworkConfiguration {
    /// Whether the network is for samples of that shape and as many classes.
    func reads(_ samples: DataSet) -> Bool {
        [inputChannels] + extents == samples.sampleShape && classCount == samples.classCount
    }

    /// What does not fit.
    func mismatch(with samples: DataSet) -> String {
        "expected a network for samples of shape \(samples.sampleShape) in \(samples.classCount) classes, "
            + "found one for \([inputChannels] + extents) in \(classCount)"
    }
}

extension TrainedNetwork {
    /// Reads a network for `images`: the expected one or, by default, whichever the file has.
    init(
        contentsOf file: String, for images: DataSet, expecting configuration: NetworkConfiguration?
    ) throws(CheckpointError) {
        try self.init(contentsOf: file, expecting: configuration)
        let samples = form.samples(of: images)
        guard network.configuration.reads(samples) else {
            throw .configuration(path: file, reason: network.configuration.mismatch(with: samples))
        }
    }

    /// The metrics of the network on images, in batches of 128.
    func evaluated(on images: DataSet) throws(NonFiniteValueError) -> Metrics {
        try network.evaluated(
            on: Batches(of: form.samples(of: images), normalization: normalization, batchSize: 128))
    }

    private var form: Form { Form(of: network.configuration) }
}
