import Convolution
import Testing

/// How the cases of each kind of golden file are reproduced.
///
/// The kind of a file is its stem; for convolutions `conv1d_` or `conv2d_` and the boundary, for whole blocks and
/// networks the beginning of the stem, as they come in many sizes.
enum Kind {
    case convolution(Boundary)
    case other(Other)

    enum Other: String, CaseIterable {
        case convolutionModes = "conv_modes"
        case primitives
        case gatedConvolution = "gated_convolution"
        case bidirectionalConvolution = "bidirectional_convolution"
        case magnetGlobal = "magnet_global"
        case magnetChannel = "magnet_channel"
        case magnetLocal = "magnet_local"
        case magnetHighFrequency = "magnet_highfrequency"
        case recursiveGatedUnit = "rgu"
        case channelInteraction = "hyper_channel_interaction"
        case hyperInteraction = "hyper_interaction"
        case groupStandardization = "g_ibs"
        case localBranch = "local_branch"
        case losses
        case optimizers = "optimisers"
        case block = "sfne_block_"
        case network = "terminator_"
        case trainedNetwork = "trained_"
        case stateSpaceKernel = "kernel_diagonal_state_space"
        case hyenaKernel = "kernel_hyena"
        case multiscaleKernel = "kernel_multiscale"
        case explicitKernel = "kernel_explicit"
    }

    /// The kind of the file with the given stem; `nil` for one that is not known.
    init?(stem: String) {
        if let beginning = ["conv1d_", "conv2d_"].first(where: stem.hasPrefix) {
            guard let boundary = Boundary(rawValue: String(stem.dropFirst(beginning.count))) else {
                return nil
            }
            self = .convolution(boundary)
            return
        }
        let kind = Other.allCases.first {
            $0.rawValue == stem || $0.rawValue.hasSuffix("_") && stem.hasPrefix($0.rawValue)
        }
        guard let kind else { return nil }
        self = .other(kind)
    }

    /// Reproduces a case, recording an issue for each tensor that is not.
    func reproduce(_ name: CaseName) throws {
        switch self {
        case .convolution(let boundary): try reproduceConvolution(name, boundary: boundary)
        case .other(let kind): try kind.reproduce(name)
        }
    }
}

extension Kind.Other {
    fileprivate func reproduce(_ name: CaseName) throws {
        switch self {
        case .convolutionModes: try reproduceConvolutionModes(name)
        case .primitives: try reproducePrimitive(name)
        case .gatedConvolution: try reproduceGatedConvolution(name)
        case .bidirectionalConvolution: try reproduceBidirectionalConvolution(name)
        case .magnetGlobal, .magnetHighFrequency: try reproduceGlobalSlowNet(name)
        case .magnetChannel: try reproduceChannelSlowNet(name)
        case .magnetLocal: try reproduceLocalSlowNet(name)
        case .recursiveGatedUnit: try reproduceRecursiveGatedUnit(name)
        case .channelInteraction: try reproduceChannelInteraction(name)
        case .hyperInteraction: try reproduceHyperInteraction(name)
        case .groupStandardization: try reproduceGroupStandardization(name)
        case .localBranch: try reproduceLocalBranch(name)
        case .losses: try reproduceLoss(name)
        case .optimizers: try reproduceOptimizer(name)
        case .block: try reproduceBlock(name)
        case .network: try reproduceNetwork(name)
        case .trainedNetwork: try reproduceTrainedNetwork(name)
        case .stateSpaceKernel: try reproduceStateSpaceKernel(name)
        case .hyenaKernel: try reproduceHyenaKernel(name)
        case .multiscaleKernel: try reproduceMultiscaleKernel(name)
        case .explicitKernel: try reproduceExplicitKernel(name)
        }
    }
}

@Suite struct GoldenTensors {
    @Test func areThere() {
        #expect(!GoldenFolder.cases.isEmpty, "no golden tensors in \(GoldenFolder.url.path)")
    }

    @Test(arguments: GoldenFolder.stems)
    func areOfAKnownKind(stem: String) {
        #expect(Kind(stem: stem) != nil, "\(stem).json is of no known kind")
    }

    @Test(arguments: GoldenFolder.cases)
    func areReproduced(name: CaseName) throws {
        let kind = try #require(Kind(stem: name.stem), "\(name.stem).json is of no known kind")
        try kind.reproduce(name)
    }
}
