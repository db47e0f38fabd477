import Tensors
import TestSupport
import Testing

@testable import Terminator

@Suite struct LossTests {
    @Test func slowNeuralLossByHand() {
        let shallow = Tensor(shape: [1, 2], scalars: [1, 2])
        let deep = Tensor(shape: [2, 2], scalars: [1, 4, 3, 2])
        let deeper = Tensor(shape: [2, 2], scalars: [0, 4, 3, 3])
        // Differences 0 2, 2 0; 1 2, 2 1; 1 0, 0 1: mean squares 2, 2.5 and 0.5.
        #expect(slowNeuralLoss(kernels: [shallow, deep, deeper]).scalar == 5)
        // Sums 1 2, 4 6 and 3 7: mean squares 12.5, 14.5 and 1.
        #expect(slowNeuralLoss(kernels: [shallow, deep, deeper], form: .channelSums).scalar == 28)
        #expect(slowNeuralLoss(kernels: [shallow]).scalar == 0)
    }

    /// A vector (3, 4) has the norm 5, wherever it stands in the network.
    @Test func weightNormPenaltyByHand() {
        func penalty(_ path: NetworkPath) -> Float {
            weightNormPenalty(of: [(path, Tensor(shape: [2], scalars: [3, 4]))], coefficient: 2).scalar
        }
        #expect(penalty(.blocks(3, .bottleneck(.bias))) == 10)
        #expect(penalty(.blocks(3, .localBranches(0, .offset))) == 10)
        #expect(penalty(.blocks(3, .globalSlowNet(.output(.weight)))) == 1e-5)
        #expect(penalty(.blocks(3, .globalSlowNet(.output(.bias)))) == 0)
        #expect(penalty(.blocks(3, .kernelRGU(.layer(.query, .weight)))) == 1e-5)
        #expect(penalty(.blocks(3, .kernelRGU(.spatialBias))) == 0)
        #expect(penalty(.blocks(3, .hyperInteraction(.channelSlowNet(.output(.weight))))) == 0)
        #expect(penalty(.blocks(3, .hyperInteraction(.spatialSlowNet(.output(.weight))))) == 1e-5)
        #expect(penalty(.blocks(3, .offset)) == 0)
        #expect(penalty(.classifier(.weight)) == 0)
    }
}
