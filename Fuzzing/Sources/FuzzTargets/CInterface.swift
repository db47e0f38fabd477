import CLongConvolution
import Foundation
import LongConvolutionC

extension FuzzTarget {
    /// Descriptors, layouts and pointers of the C interface: what the bytes say, with sizes that fit into the memory of a
    /// fuzzer. The first byte chooses what is repaired; then come a descriptor and, for each operand, where it lies.
    static let cInterface = FuzzTarget("c-interface") { bytes in
        var reader = ByteReader(bytes)
        let choices = reader.next(UInt8.self)
        var descriptor = reader.next(longconv_descriptor.self)
        // Most inputs have a size and version that are known.
        if choices & 1 == 0 {
            descriptor.size = UInt32(MemoryLayout<longconv_descriptor>.size)
            descriptor.version = UInt32(LONGCONV_DESCRIPTOR_VERSION)
        }
        confine(&descriptor)
        var plan: OpaquePointer?
        let status = longconv_plan_create(&descriptor, &plan)
        precondition((status == LONGCONV_OK) == (plan != nil))
        guard let plan else { throw Refused(message: String(cString: longconv_last_error())) }
        defer { precondition(longconv_plan_destroy(plan) == LONGCONV_OK) }
        try run(CInterfaceCall(plan, descriptor, reader), forward: choices & 2 == 0)
    }

    /// A call with memory for every operand; null, misaligned and overlapping ones as the bytes say.
    private static func run(_ call: CInterfaceCall, forward: Bool) throws {
        guard let arena = call.arena else { throw Refused(message: "the arena does not hold the operands") }
        defer { arena.deallocate() }
        var operands = call.operands(in: arena, forward: forward)
        let before = call.inputs(operands)
        let status = forward ? longconv_apply(call.plan, &operands) : longconv_gradients(call.plan, &operands)
        // What is only read is as it was.
        precondition(call.inputs(operands) == before || status != LONGCONV_OK)
        guard status == LONGCONV_OK else { throw Refused(message: String(cString: longconv_last_error())) }
        guard forward else { return }
        // Held spectra, unless something goes with them that they do not take.
        var spectrum: OpaquePointer?
        var kernels = call.empty
        (kernels.kernel, kernels.reverse_kernel) = (operands.kernel, operands.reverse_kernel)
        let created = longconv_spectrum_create(call.plan, &kernels, &spectrum)
        // Without samples there may be more kernels than fit into memory.
        if created == LONGCONV_OUT_OF_MEMORY {
            throw Refused(message: String(cString: longconv_last_error()))
        }
        precondition(created == LONGCONV_OK)
        (operands.kernel, operands.reverse_kernel, operands.ungated_output) = (nil, nil, nil)
        let held = longconv_apply_spectrum(call.plan, spectrum, &operands)
        precondition(held == LONGCONV_OK || held == LONGCONV_UNSUPPORTED)
        precondition(longconv_spectrum_destroy(spectrum) == LONGCONV_OK)
    }

    /// Extents and numbers of rows either small, or far too large: between them are plans that this machine could hold.
    private static func confine(_ descriptor: inout longconv_descriptor) {
        func confined(_ value: Int64, _ limit: Int64) -> Int64 {
            value > limit && value < 1 << 45 ? value % limit : value
        }
        let limit: Int64 = descriptor.dimensions == 2 ? 40 : 700
        descriptor.batch = confined(descriptor.batch, 6)
        descriptor.channels = confined(descriptor.channels, 20)
        descriptor.signal_extents = (
            confined(descriptor.signal_extents.0, limit), confined(descriptor.signal_extents.1, limit)
        )
        descriptor.kernel_extents = (
            confined(descriptor.kernel_extents.0, limit), confined(descriptor.kernel_extents.1, limit)
        )
        // FFTW may measure for seconds.
        if 1...2 ~= descriptor.rigour { descriptor.rigour = 0 }
    }

    /// A plan for 2 x 3 rows with all parts, and operands apart from each other: what fuzzing begins with.
    static func cInterfaceSeed(dimensions: Int32, flags: Int32, isStrided: Bool, isForward: Bool) -> [UInt8] {
        var descriptor = longconv_descriptor()
        descriptor.precision = dimensions == 1 ? 32 : 64
        descriptor.dimensions = dimensions
        descriptor.boundary = dimensions == 1 ? 1 : 2
        descriptor.flags = flags
        (descriptor.batch, descriptor.channels) = (2, 3)
        (descriptor.signal_extents, descriptor.kernel_extents) = ((9, 8), (5, 4))
        if isStrided {
            // Channels last.
            let layout =
                dimensions == 1
                ? longconv_layout(is_strided: 1, sample: 27, channel: 1, axes: (3, 0))
                : longconv_layout(is_strided: 1, sample: -216, channel: 1, axes: (24, 3))
            withUnsafeMutableBytes(of: &descriptor.layouts) { bytes in
                let layouts = bytes.bindMemory(to: longconv_layout.self)
                for operand in [
                    LONGCONV_SIGNAL, LONGCONV_OUTPUT, LONGCONV_UPSTREAM, LONGCONV_SIGNAL_GRADIENT,
                ] {
                    layouts[Int(operand.rawValue)] = layout
                }
            }
        }
        var bytes: [UInt8] = [isForward ? 0 : 2]
        withUnsafeBytes(of: descriptor) { bytes += $0 }
        for operand in 0..<14 as Range<UInt16> {
            // Operands that the call does not take are null: a distance of all ones.
            withUnsafeBytes(of: isTaken(operand, flags, isForward) ? 2000 + operand * 4000 : .max) {
                bytes += $0
            }
        }
        bytes.append(0)  // The number of threads.
        for operand in 14..<16 as Range<UInt16> {
            let isKept = flags & 2 != 0 && isStrided && (operand == 14) == isForward
            withUnsafeBytes(of: isKept ? 2000 + operand * 4000 : UInt16(0)) { bytes += $0 }
        }
        return bytes
    }

    private static func isTaken(_ operand: UInt16, _ flags: Int32, _ isForward: Bool) -> Bool {
        let part: [UInt16: Int32] = [2: 8, 3: 1, 4: 2, 5: 4, 10: 8, 11: 1, 12: 2, 13: 4]
        guard part[operand].map({ flags & $0 != 0 }) ?? true else { return false }
        return operand < 6 || (operand == 6) == isForward
    }
}

/// What the C interface refused.
struct Refused: Error, CustomStringConvertible {
    let message: String
    var description: String { message }
}
