import Tensors
import TestSupport
import Testing

@testable import Terminator

/// Networks that read sequences of different lengths in one batch.
@Suite struct SequenceLengthNetworkTests {
    static let lengths = [4, 11, 1, 8]

    static let configurations: [NetworkConfiguration] = everyForm.filter { $0.extents.count == 1 }.flatMap {
        var pooled = $0
        pooled.evaluationStatistics = .running(momentum: 0.1)
        var positions = pooled
        positions.readout = .positions
        return [pooled, positions]
    }

    private func input(_ numbers: inout RandomNumbers, extent: Int = 11) -> Tensor {
        numbers.tensor([4, 2, extent])
    }

    /// A network with statistics of such a batch.
    private func trained(_ configuration: NetworkConfiguration, _ numbers: inout RandomNumbers) -> Network {
        var network = network(configuration)
        network.disturb(deviation: 0.1, using: &numbers)
        network.updateStatistics(
            from: network(input(&numbers), lengths: Self.lengths, dropout: &numbers))
        return network
    }

    /// Sequences `[4, C, extent]`, whose samples' own positions are those of `x` and the others `padding`.
    private func padded(_ x: Tensor, with padding: Float, extent: Int) -> Tensor {
        let channels = x.shape[1]
        let scalars = x.scalars
        return Tensor(
            shape: [4, channels, extent],
            scalars: (0..<4 * channels).flatMap { row in
                (0..<extent).map {
                    $0 < Self.lengths[row / channels] ? scalars[row * 11 + $0] : padding
                }
            })
    }

    /// Logits of positions behind an end are 0 and cut off here.
    private func own(_ logits: Tensor) -> [Float] {
        guard logits.rank == 3 else { return logits.scalars }
        return Self.lengths.indices.flatMap { sample in
            let ofSample = logits.slice(alongAxis: 0, sample..<sample + 1)
            let (length, extent) = (Self.lengths[sample], logits.shape[2])
            #expect(ofSample.slice(alongAxis: 2, length..<extent).scalars.allSatisfy { $0 == 0 })
            return ofSample.slice(alongAxis: 2, 0..<length).scalars
        }
    }

    /// What the padding holds moves no bit, nor does its length where the network has a grid of its own. (Causal networks have
    /// transforms as long as their input; those of the form `prefix` have none up to 64 samples.)
    @Test(arguments: configurations.indices) func paddingHasNoInfluence(index: Int) {
        var numbers = seededNumbers(UInt64(60 + index))
        let network = trained(Self.configurations[index], &numbers)
        let x = input(&numbers)
        let hasOwnGrid = Self.configurations[index].statistics != .frozen
        for extent in [11, 12, 40] {
            let clean = padded(x, with: 0, extent: hasOwnGrid ? 11 : extent)
            let logits = own(network(clean, lengths: Self.lengths).logits)
            #expect(logits.allSatisfy { $0.isFinite })
            for padding in [Float.nan, .infinity, 1e30] {
                let input = padded(x, with: padding, extent: extent)
                let output = network(input, lengths: Self.lengths).logits
                #expect(output.rank == 2 || output.shape[2] == extent)
                #expect(own(output) == logits, "padding \(padding) to \(extent)")
            }
        }
    }

    /// A sample in a batch of other lengths has the bits that it has alone.
    @Test(arguments: configurations.indices) func neighborsHaveNoInfluence(index: Int) {
        var numbers = seededNumbers(UInt64(80 + index))
        let network = trained(Self.configurations[index], &numbers)
        let x = input(&numbers)
        let together = network(x, lengths: Self.lengths).logits
        for (sample, length) in Self.lengths.enumerated() {
            let alone = network(x.slice(alongAxis: 0, sample..<sample + 1), lengths: [length]).logits
            #expect(alone.scalars == together.slice(alongAxis: 0, sample..<sample + 1).scalars)
        }
    }

    /// Of a network that reads the beginning of a sequence as it is, the logits are those of the sample cut at its end; and where
    /// all samples have the network's extent, lengths say nothing new. Means and transforms sum in another order; up to 64
    /// samples the form `prefix` has no transforms, only the mean that is read out.
    @Test(arguments: configurations.indices) func samplesMayAsWellBeCut(index: Int) {
        var numbers = seededNumbers(UInt64(100 + index))
        let network = trained(Self.configurations[index], &numbers)
        let x = input(&numbers)
        let isCausal = Self.configurations[index].statistics.isCausal
        for length in isCausal ? [1, 4, 8, 11] : [11] {
            let cut = x.slice(alongAxis: 2, 0..<length)
            let expected = network(cut).logits
            let found = network(x, lengths: [length, length, length, length]).logits
            let own = found.rank == 3 ? found.slice(alongAxis: 2, 0..<length) : found
            let error =
                Self.configurations[index].statistics == .prefix
                ? readingError(of: network, cut)
                : network.roundingError(inputs: [cut], roundings: 64) { $0($1[0]).logits }
            #expect(largestDifference(own, expected) <= error)
        }
    }

    /// What rounding in the readout moves.
    private func readingError(of network: Network, _ input: Tensor) -> Double {
        guard network.configuration.readout == .pooled else { return 0 }
        return network.classifier.roundingError(
            inputs: [network(input).features.last!], roundings: 16
        ) { $0($1[0].mean(overAxes: [2])) }
    }

    @Test func lengthsThatDoNotFitEndTheProgram() async {
        func expect(_ text: String, _ result: ExitTest.Result?) {
            #expect(says(text, result?.standardErrorContent))
        }
        expect(
            "expected lengths of at most 11, got 12",
            await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = network(smallConfiguration())(Tensor(shape: [1, 2, 12], repeating: 0), lengths: [12])
            })
        expect(
            "lengths are for networks that read sequences",
            await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = network(smallConfiguration(extents: [5, 6]))(
                    Tensor(shape: [1, 2, 5, 6], repeating: 0), lengths: [5])
            })
    }
}
