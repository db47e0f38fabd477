#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// cos and sin of 2π · numerator / denominator, each to an ulp of `Double` or two.
///
/// The angle is brought into the first octant by integer arithmetic first, so nothing is lost to large arguments.
func unitRoot(_ numerator: Int, over denominator: Int) -> (re: Double, im: Double) {
    // In units of 1/8 turn over the denominator: an octant is `denominator` of them.
    var turn = numerator % denominator
    if turn < 0 { turn += denominator }
    let (octant, rest) = (8 * turn).quotientAndRemainder(dividingBy: denominator)
    // Odd octants are measured from their end, so that the angle is at most π/4 either way.
    let part = octant.isMultiple(of: 2) ? rest : denominator - rest
    let angle = Double.pi / 4 * (Double(part) / Double(denominator))
    let (c, s) = (cos(angle), sin(angle))
    return switch octant {
    case 0: (c, s)
    case 1: (s, c)
    case 2: (-s, c)
    case 3: (-c, s)
    case 4: (-c, -s)
    case 5: (-s, -c)
    case 6: (s, -c)
    default: (c, -s)
    }
}
