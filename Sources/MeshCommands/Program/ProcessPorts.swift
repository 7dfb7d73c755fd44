import Glibc
import MeshModel

extension Surroundings {
    /// Those of this process. From here on a closed pipe is an error to see, not a signal.
    package static func ofProcess() -> Surroundings {
        signal(SIGPIPE, SIG_IGN)
        return Surroundings(
            arguments: processArguments(), environment: processEnvironment(),
            output: StandardOutput(), input: StandardInput(), now: wallTime,
            zone: .ofProcess, pause: { try await Task.sleep(for: $0) })
    }

    private static func processArguments() -> [[UInt8]] {
        let pointers = UnsafeBufferPointer(
            start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        return pointers.dropFirst().map { pointer in
            guard let pointer else { return [] }
            return pointer.withMemoryRebound(to: UInt8.self, capacity: strlen(pointer)) {
                Array(UnsafeBufferPointer(start: $0, count: strlen(pointer)))
            }
        }
    }

    /// The variables that a command looks at.
    private static func processEnvironment() -> [String: String] {
        let names = [
            "HOME", "NO_COLOR", "STARLING_HOME", "STARLING_SOCKET", "TERM", "XDG_DATA_HOME",
        ]
        return names.reduce(into: [:]) { values, name in
            if let value = getenv(name) { values[name] = String(cString: value) }
        }
    }

    private static func wallTime() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(
            milliseconds: UInt64(max(0, time.tv_sec)) * 1000 + UInt64(time.tv_nsec / 1_000_000))
    }
}

/// The two outputs of the process, unbuffered: what a command hands over is a page or a line.
struct StandardOutput: OutputPort {
    /// Columns without a terminal that says, and the bounds of what one may say.
    private static let defaultColumns = 80
    private static let columnRange = 40...200

    var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return Self.defaultColumns
        }
        return min(max(Int(size.ws_col), Self.columnRange.lowerBound), Self.columnRange.upperBound)
    }

    func write(_ text: String) throws(OutputClosed) {
        let code = Self.write(text, to: STDOUT_FILENO)
        if code == EPIPE { throw OutputClosed() }
        if code != 0 { throw OutputClosed(reason: String(cString: strerror(code))) }
    }

    func say(_ text: String) { _ = Self.write(text, to: STDERR_FILENO) }

    /// 0, or errno.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(
                    descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return count < 0 ? errno : EIO }
                rest = rest.dropFirst(count)
            }
            return 0
        }
    }
}

/// The standard input of the process.
struct StandardInput: InputPort {
    /// Bytes of one read: that of a pipe.
    private static let chunk = 65536

    func read() throws(CommandFailure) -> [UInt8] {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, filled in
            repeat {
                count = Glibc.read(STDIN_FILENO, buffer.baseAddress, Self.chunk)
            } while count < 0 && errno == EINTR
            filled = max(0, count)
        }
        guard count >= 0 else {
            throw CommandFailure(
                "input", "the standard input cannot be read: \(String(cString: strerror(errno)))",
                try: "give the text as an argument, or pipe it in")
        }
        return bytes
    }
}
