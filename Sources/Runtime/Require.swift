/// Ends the process with `message` unless `condition` holds: for programming errors.
///
/// The standard library's `precondition` loses its message in optimized builds, where the process ends with "Illegal
/// instruction" alone; this one says in every configuration what was expected and what was found.
@inlinable @inline(__always)
package func require(
    _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
    line: UInt = #line
) {
    guard condition() else { fatalError(message(), file: file, line: line) }
}
