import Convolution
import Tensors

extension StreamingNetwork {
    /// Writes what the stream remembers to a Safetensors file; the network is not part of it.
    ///
    /// An existing file is replaced atomically.
    public func saveState(to path: String) throws(SafetensorsError) {
        var tensors: [(name: String, tensor: Tensor)] = []
        var metadata = [
            StateFile.position: "\(position)", StateFile.network: "\(network.checksum)",
        ]
        for (name, recent) in state.recent.sorted(by: { $0.key < $1.key }) {
            tensors.append((StateFile.recent + name, recent))
        }
        for (name, kernels) in state.kernels.sorted(by: { $0.key < $1.key }) {
            tensors.append((StateFile.kernels + name, kernels))
        }
        for (name, convolution) in state.convolutions.sorted(by: { $0.key < $1.key }) {
            let part = convolution.state
            let shape = [part.channels, part.values.count / part.channels]
            tensors.append((StateFile.convolutions + name, Tensor(shape: shape, scalars: part.values)))
            metadata[StateFile.convolutions + name] = "\(part.phase)"
        }
        let moments = state.moments.sorted { $0.key < $1.key }.map {
            (name: StateFile.moments + $0.key, shape: [$0.value.rows, 3], values: $0.value.sums)
        }
        try Safetensors.write(tensors, doubles: moments, metadata: metadata, to: path)
    }

    /// Continues where the stream was whose state ``saveState(to:)`` wrote to a file: of the same network, in this process or
    /// another. It then returns the same bits as that stream.
    ///
    /// On failure the stream is unchanged.
    public mutating func restoreState(from path: String) throws(CheckpointError) {
        var file = try ParameterFile(path)
        func number<Number: LosslessStringConvertible>(_ name: String) throws(CheckpointError) -> Number {
            guard let number = file.file.metadata(named: name).flatMap({ Number($0) }) else {
                throw .state(path: path, reason: "the metadata has no number '\(name)'")
            }
            return number
        }
        let position: Int = try number(StateFile.position)
        guard (0...StateFile.lastPosition).contains(position) else {
            throw .state(
                path: path,
                reason: "expected a position from 0 to \(StateFile.lastPosition), found \(position)")
        }
        let checksum: UInt64 = try number(StateFile.network)
        guard checksum == network.checksum else {
            throw .state(path: path, reason: "it is that of a stream of another network")
        }
        // A step says what is remembered, with its shapes.
        var model = self
        model.reset()
        if position > 0 {
            _ = model.push(Tensor(shape: [network.configuration.inputChannels, 1], repeating: 0))
        }
        var restored = model.state
        restored.position = position
        for (name, recent) in model.state.recent {
            restored.recent[name] = try file.take(StateFile.recent + name, shape: recent.shape)
        }
        for (name, kernels) in model.state.kernels {
            restored.kernels[name] = try file.take(StateFile.kernels + name, shape: kernels.shape)
        }
        for (name, moments) in model.state.moments {
            let sums = try file.takeDoubles(StateFile.moments + name, shape: [moments.rows, 3])
            restored.moments[name] = PrefixMoments(count: position, sums: sums)
        }
        for name in model.state.convolutions.keys {
            let part = StateFile.convolutions + name
            let values = try file.take(part, channels: restored.convolutions[name]!.channels)
            let state = StreamingState(
                form: .context, channels: values.shape[0], kernelLength: network.configuration.extents[0],
                position: position, phase: try number(part), kernelChecksum: 0, values: values.scalars)
            do throws(StreamingError) {
                try restored.convolutions[name]!.restore(state)
            } catch {
                throw .state(path: path, reason: "\(part): \(error)")
            }
        }
        try file.expectEmpty()
        state = restored
    }
}

/// The names in a file with a stream's state.
private enum StateFile {
    static let position = "position"
    static let network = "network"
    static let recent = "recent."
    static let kernels = "kernels."
    static let moments = "moments."
    static let convolutions = "convolutions."
    /// Positions beyond are not counted.
    static let lastPosition = 1 << 60
}

extension Network {
    /// A fingerprint of what the logits depend on: FNV-1a of the bits of parameters and running statistics.
    fileprivate var checksum: UInt64 {
        let averages = statistics.values.sorted { $0.key < $1.key }.map(\.value)
        return (parameters.map(\.tensor) + averages).reduce(0xCBF2_9CE4_8422_2325) { sum, tensor in
            tensor.withScalars { scalars in
                scalars.reduce(sum) { ($0 ^ UInt64($1.bitPattern)) &* 0x0000_0100_0000_01B3 }
            }
        }
    }
}
