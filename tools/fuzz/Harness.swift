import Glibc

/// The entry point that libFuzzer calls; every target supplies `fuzz(_:)`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// A property. Unlike a precondition it says what failed in an optimised build too.
func expect(_ holds: Bool, _ message: @autoclosure () -> String) {
    guard !holds else { return }
    let line = "PROPERTY: \(message())\n"
    _ = write(STDERR_FILENO, line, line.utf8.count)
    abort()
}
