import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

/// The forms of causal networks, and every kind of kernel.
let causalForms: [NetworkConfiguration] = {
    let small = smallConfiguration(extents: [40])
    var positional = small.causal()
    positional.readout = .positions
    positional.gateOrder = .beforeStandardization
    var withoutSpatialBias = small.causal(statistics: .frozen)
    withoutSpatialBias.spatialBias = .absent
    withoutSpatialBias.keepsCanceledBiases = true
    let kinds = SlowNetKind.allCases.map { kind in
        var form = small.causal()
        form.globalSlowNet = kind
        return form
    }
    var windowed = small.causal()
    windowed.globalKernel.window = .gaussian(width: 0.3)
    var kernels = small.causal()
    kernels.localKernelSizes = [1, 3, 11, 41]
    return kinds + [
        smallConfiguration(extents: [1]).causal(), positional, windowed, kernels,
        small.causal(statistics: .frozen), withoutSpatialBias,
    ]
}()

/// A network of a causal form, with parameters and statistics as after some training, and a sequence for it.
private func trained(
    _ configuration: NetworkConfiguration, length: Int, _ numbers: inout RandomNumbers
) -> (network: Network, sequence: Tensor) {
    var network = network(configuration)
    network.disturb(deviation: 0.05, using: &numbers)
    let batch = numbers.tensor([4, configuration.inputChannels] + configuration.extents)
    network.updateStatistics(from: network(batch, dropout: &numbers))
    return (network, numbers.tensor([configuration.inputChannels, length]))
}

/// The logits of pieces of a sequence.
private func logits(_ stream: inout StreamingNetwork, _ sequence: Tensor, _ pieces: [Int]) -> Tensor {
    var start = 0
    let parts = pieces.map { count in
        defer { start += count }
        return stream.push(sequence.slice(alongAxis: 1, start..<start + count))
    }
    return .concatenated(parts, alongAxis: 1)
}

@Suite struct StreamingNetworkTests {
    /// Sample by sample, in pieces, and beyond the kernels' last tap. The bound is the one that is promised: 10⁻⁵ of the largest
    /// logit.
    @Test(arguments: causalForms.indices, [40, 100])
    func everyPositionIsThatOfTheWholeSequence(index: Int, length: Int) throws {
        var numbers = seededNumbers(UInt64(100 + index))
        let (network, sequence) = trained(causalForms[index], length: length, &numbers)
        let whole = network.logitsAtPositions(of: sequence.reshaped(to: [1] + sequence.shape))
            .reshaped(to: [3, length])
        let largest = largestMagnitude(whole.scalars.map(Double.init))
        var stream = try StreamingNetwork(network)
        for pieces in [
            Array(repeating: 1, count: length), [length], [length - 7, 1, 6], [3, 0, length - 3],
        ] {
            let streamed = logits(&stream, sequence, pieces)
            #expect(stream.position == length)
            let difference = largestDifference(streamed, whole)
            #expect(difference <= 1e-5 * largest, "\(pieces.prefix(4))")
            stream.reset()
        }
    }

    /// The batch form: no output depends on a later sample, a shorter sequence is the beginning of a longer one, and the
    /// last logits are those of the whole.
    @Test(arguments: causalForms.indices) func noOutputDependsOnALaterSample(index: Int) {
        var numbers = seededNumbers(UInt64(200 + index))
        let (network, sequence) = trained(causalForms[index], length: 40, &numbers)
        let input = sequence.reshaped(to: [1] + sequence.shape)
        let whole = network.logitsAtPositions(of: input)
        let bound = 1e-5 * largestMagnitude(whole.scalars.map(Double.init))
        for cut in [1, 2, 17, 39] {
            let before = input.slice(alongAxis: 2, 0..<cut)
            let changed = Tensor.concatenated([before, numbers.tensor([1, 2, 40 - cut])], alongAxis: 2)
            let expected = whole.slice(alongAxis: 2, 0..<cut)
            #expect(largestDifference(network.logitsAtPositions(of: before), expected) <= bound)
            #expect(
                largestDifference(
                    network.logitsAtPositions(of: changed).slice(alongAxis: 2, 0..<cut), expected) <= bound)
        }
        if network.configuration.readout == .pooled {
            let last = whole.slice(alongAxis: 2, 39..<40).reshaped(to: [1, 3])
            #expect(largestDifference(network(input).logits, last) <= bound)
        }
    }

    /// Prefix statistics are causal in training too.
    @Test func trainingWithPrefixStatisticsIsCausal() {
        var numbers = seededNumbers(3)
        var configuration = smallConfiguration(extents: [40]).causal()
        configuration.readout = .positions
        for index in configuration.blocks.indices { configuration.blocks[index].dropout = 0 }
        let network = network(configuration)
        let input = numbers.tensor([3, 2, 40])
        let changed = Tensor.concatenated(
            [input.slice(alongAxis: 2, 0..<20), numbers.tensor([3, 2, 20])], alongAxis: 2)
        func beginning(_ input: Tensor) -> Tensor {
            network(input, dropout: &numbers).logits.slice(alongAxis: 2, 0..<20)
        }
        let before = beginning(input)
        #expect(
            largestDifference(before, beginning(changed))
                <= 1e-5 * largestMagnitude(before.scalars.map(Double.init)))
        let other = Tensor.concatenated(
            [input.slice(alongAxis: 0, 0..<1), numbers.tensor([2, 2, 40])], alongAxis: 0)
        #expect(
            beginning(input).slice(alongAxis: 0, 0..<1).scalars
                == beginning(other).slice(alongAxis: 0, 0..<1).scalars)
    }

    /// A copy continues by itself, with the bits of the original.
    @Test(arguments: [SequenceStatistics.prefix, .frozen]) func copiesContinue(form: SequenceStatistics)
        throws
    {
        var numbers = seededNumbers(4)
        let (network, sequence) = trained(
            smallConfiguration(extents: [40]).causal(statistics: form), length: 60, &numbers)
        var stream = try StreamingNetwork(network)
        _ = stream.push(sequence.slice(alongAxis: 1, 0..<13))
        var copy = stream
        let rest = sequence.slice(alongAxis: 1, 13..<60)
        let other = logits(&copy, numbers.tensor([2, 47]), Array(repeating: 1, count: 47))
        let expected = logits(&stream, rest, Array(repeating: 1, count: 47))
        #expect(other.scalars != expected.scalars)
        stream.reset()
        _ = stream.push(sequence.slice(alongAxis: 1, 0..<13))
        #expect(logits(&stream, rest, Array(repeating: 1, count: 47)).scalars == expected.scalars)
        #expect(stream.step([0, 0]).count == 3)
    }

    @Test func othersAreRefused() {
        #expect(throws: StreamingNetworkError.notCausal(statistics: .whole)) {
            try StreamingNetwork(network(smallConfiguration()))
        }
        #expect(throws: StreamingNetworkError.noStatistics) {
            try StreamingNetwork(network(smallConfiguration().causal(statistics: .frozen)))
        }
    }

    @Test func wrongSamplesTrap() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var stream = try StreamingNetwork(network(smallConfiguration().causal()))
            _ = stream.step([1, 2, 3])
        }
        #expect(says("expected samples [2, n], got [3, 1]", result?.standardErrorContent))
    }
}
