import Testing

@testable import Runtime

/// The peak memory of the process, and how it is read.
@Suite struct PeakMemoryTests {
    @Test(arguments: [
        ("Name:\tx\nVmPeak:\t  999 kB\nVmHWM:\t   12345 kB\nVmRSS:\t 12000 kB\n", 12345 << 10),
        ("VmHWM: 1 kB", 1024),
        ("Name:\tVmHWM: 7 kB\n", nil),
        ("VmHWM:\t0 kB\n", nil),
        ("VmHWM:\t-3 kB\n", nil),
        ("VmHWM:\t12 MB\n", nil),
        ("VmHWM:\t12\n", nil),
        ("VmHWM:\t9223372036854775807 kB\n", nil),
        ("", nil),
    ])
    func statusOfAProcess(_ status: String, _ expected: Int?) {
        #expect(peakResidentMemory(inStatus: status) == expected)
    }

    /// Memory that was touched counts, and stays counted when it is freed.
    @Test func growsWithWhatIsTouched() {
        let byteCount = 64 << 20
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 1)
        let sum = stride(from: 0, to: byteCount, by: 4096).reduce(0) { $0 + Int(memory[$1]) }
        memory.deallocate()
        #expect(sum == byteCount / 4096)
        #expect(peakResidentMemory() >= byteCount)
    }
}
