import CLongConvolution

@testable import LongConvolutionC

/// A descriptor in Swift, for tests to vary.
struct Case: CustomStringConvertible {
    var isSinglePrecision = false
    var boundary = LONGCONV_CAUSAL
    var center = LONGCONV_CENTER_UPPER
    var orientation = LONGCONV_CONVOLUTION
    var isPerSample = false
    var flags: UInt32 = 0
    var lag = 0
    var exactHead = 0
    var batch = 2
    var channels = 3
    var signal = [13]
    var kernel = [5]
    /// By operand; `nil` for contiguous ones.
    var strides = [[Int]?](repeating: nil, count: Int(LONGCONV_OPERAND_COUNT))

    var description: String {
        "\(isSinglePrecision ? "float" : "double") \(batch)x\(channels) \(signal) by \(kernel), boundary \(boundary.rawValue), center \(center.rawValue), orientation \(orientation.rawValue), \(isPerSample ? "per sample" : "shared"), flags \(flags), lag \(lag), head \(exactHead), strides \(strides.map { $0.map { "\($0)" } ?? "-" })"
    }

    func has(_ flag: longconv_flags) -> Bool { flags & flag.rawValue != 0 }

    /// The descriptor of C.
    var descriptor: longconv_descriptor {
        var descriptor = longconv_descriptor()
        descriptor.size = UInt32(MemoryLayout<longconv_descriptor>.size)
        descriptor.version = UInt32(LONGCONV_DESCRIPTOR_VERSION)
        descriptor.precision = isSinglePrecision ? 32 : 64
        descriptor.dimensions = Int32(signal.count)
        descriptor.boundary = Int32(boundary.rawValue)
        descriptor.center = Int32(center.rawValue)
        descriptor.orientation = Int32(orientation.rawValue)
        descriptor.pairing = isPerSample ? 1 : 0
        descriptor.flags = Int32(flags)
        descriptor.lag = Int32(lag)
        descriptor.exact_head = Int32(exactHead)
        descriptor.batch = Int64(batch)
        descriptor.channels = Int64(channels)
        descriptor.signal_extents = (Int64(signal[0]), signal.count == 2 ? Int64(signal[1]) : 0)
        descriptor.kernel_extents = (Int64(kernel[0]), kernel.count == 2 ? Int64(kernel[1]) : 0)
        withUnsafeMutableBytes(of: &descriptor.layouts) { bytes in
            let layouts = bytes.bindMemory(to: longconv_layout.self)
            for (index, strides) in strides.enumerated() {
                guard let strides else { continue }
                layouts[index].is_strided = 1
                layouts[index].sample = Int64(strides[0])
                layouts[index].channel = Int64(strides[1])
                layouts[index].axes = (Int64(strides[2]), strides.count > 3 ? Int64(strides[3]) : 0)
            }
        }
        return descriptor
    }

    /// The extents of the output, by definition.
    var output: [Int] {
        zip(signal, kernel).map { signal, kernel in
            switch boundary {
            case LONGCONV_FULL: signal + kernel - 1
            case LONGCONV_VALID: signal - kernel + 1
            default: signal
            }
        }
    }

    /// Samples, channels and extents of an operand.
    func counts(_ operand: Operand) -> [Int] {
        switch operand.shape {
        case .signal: [batch, channels] + signal
        case .kernel: [isPerSample ? batch : 1, channels] + kernel
        case .output: [batch, channels] + output
        case .channel: [1, channels, 1]
        }
    }

    /// The operands that the forward pass reads.
    var inputs: [Operand] {
        var inputs: [Operand] = [.signal, .kernel]
        if has(LONGCONV_IS_BIDIRECTIONAL) { inputs.append(.reverseKernel) }
        if has(LONGCONV_HAS_INPUT_GATE) { inputs.append(.inputGate) }
        if has(LONGCONV_HAS_OUTPUT_GATE) { inputs.append(.outputGate) }
        if has(LONGCONV_HAS_SKIP) { inputs.append(.skip) }
        return inputs
    }

    var gradients: [Operand] {
        Operand.allCases.filter { $0.differentiated.map(inputs.contains) ?? false }
    }
}

/// A plan that lives as long as this object.
final class Plan {
    let handle: OpaquePointer

    init(_ shape: Case) throws {
        var descriptor = shape.descriptor
        var handle: OpaquePointer?
        try succeed(longconv_plan_create(&descriptor, &handle), "\(shape)")
        self.handle = handle!
    }

    deinit { longconv_plan_destroy(handle) }
}

/// A call that was to succeed.
struct Failure: Error, CustomStringConvertible {
    let description: String
}

func succeed(_ status: longconv_status, _ label: String) throws {
    guard status != LONGCONV_OK else { return }
    throw Failure(
        description: "\(label): status \(status.rawValue), \(String(cString: longconv_last_error()))")
}

/// The operands of a call, none of them there yet.
func noOperands() -> longconv_operands {
    var operands = longconv_operands()
    operands.size = UInt32(MemoryLayout<longconv_operands>.size)
    operands.version = UInt32(LONGCONV_OPERANDS_VERSION)
    return operands
}

extension longconv_operands {
    subscript(operand: Operand) -> UnsafeMutableRawPointer? {
        get { operand.pointer(in: self) }
        set {
            switch operand {
            case .signal: signal = UnsafeRawPointer(newValue)
            case .kernel: kernel = UnsafeRawPointer(newValue)
            case .reverseKernel: reverse_kernel = UnsafeRawPointer(newValue)
            case .inputGate: input_gate = UnsafeRawPointer(newValue)
            case .outputGate: output_gate = UnsafeRawPointer(newValue)
            case .skip: skip = UnsafeRawPointer(newValue)
            case .output: output = newValue
            case .upstream: upstream = UnsafeRawPointer(newValue)
            case .signalGradient: signal_gradient = newValue
            case .kernelGradient: kernel_gradient = newValue
            case .reverseKernelGradient: reverse_kernel_gradient = newValue
            case .inputGateGradient: input_gate_gradient = newValue
            case .outputGateGradient: output_gate_gradient = newValue
            case .skipGradient: skip_gradient = newValue
            case .ungatedOutput: ungated_output = newValue
            case .keptUngatedOutput: kept_ungated_output = UnsafeRawPointer(newValue)
            }
        }
    }
}
