import CFFTW
import CVectorLoops

/// The hardware features and libraries that the engine uses.
public enum Engine {
    /// The instruction set of the vector loops: the widest that they are compiled for and this processor has.
    public static var instructionSet: String {
        switch vl_best_instruction_set() {
        case vl_avx512: "AVX-512"
        case vl_avx2: "AVX2 and FMA"
        default:
            #if arch(arm64)
            "NEON"
            #else
            "SSE2"
            #endif
        }
    }

    /// The name and version of the Fourier transform library.
    public static let transformLibrary = String(cString: fftwf_version_text())
}
