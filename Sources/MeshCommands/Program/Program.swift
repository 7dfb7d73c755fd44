import ArgumentParser
import MeshClient
import MeshModel
import MeshWAMP

/// `starling` and `meshctl`: arguments in, exit code out.
package struct Program: Sendable {
    private let root: any Exemplified.Type
    private let name: String

    package static let starling = Program(root: StarlingRoot.self, name: "starling")
    package static let meshctl = Program(root: MeshctlRoot.self, name: "meshctl")

    /// Runs the command that the arguments name and says on standard error why it failed, if it
    /// did.
    package func run(in surroundings: Surroundings) async -> ExitStatus {
        let isJSON = surroundings.arguments.contains(Array("--json".utf8))
        let reporter = Reporter(program: name, isJSON: isJSON, surroundings: surroundings)
        do {
            try await run(try texts(surroundings.arguments), surroundings)
            return .done
        } catch let closed as OutputClosed {
            guard let reason = closed.reason else { return .done }
            return reporter.report(.output(reason))
        } catch let failure as CommandFailure {
            return reporter.report(failure)
        } catch let error as ClientError {
            return reporter.report(CommandFailure(error, start: "starlingd"))
        } catch {
            return answer(error, reporter, surroundings)
        }
    }

    private func run(_ arguments: [String], _ surroundings: Surroundings) async throws {
        let arguments = Self.commandFirst(arguments)
        try checkName(arguments.first)
        var parsed = try root.parseAsRoot(Self.spoken(Self.separated(arguments)))
        guard let command = parsed as? any MeshCommand else {
            guard !(parsed is any Exemplified) else {
                throw CommandFailure.usage(
                    "which command? none was given",
                    try: "\(name) --help lists the commands")
            }
            return try parsed.run()
        }
        try await command.run(at: try Desk(command.options, surroundings))
    }

    /// What says which peer is meant may stand before the command, as in git.
    private static func commandFirst(_ arguments: [String]) -> [String] {
        var options: [String] = []
        var rest = arguments[...]
        while let first = rest.first {
            let isWhole =
                first == "--json" || first.hasPrefix("--home=")
                || first.hasPrefix("--socket=")
            guard isWhole || first == "--home" || first == "--socket" else { break }
            let parts = rest.prefix(isWhole ? 1 : 2)
            options += parts
            rest = rest.dropFirst(parts.count)
        }
        guard let command = rest.first, !command.hasPrefix("-") else { return arguments }
        return [command] + options + rest.dropFirst()
    }

    /// ArgumentParser loses the value of `--watch=0.5` where another flag follows: for an option
    /// that may stand without a value it looks behind the whole argument.
    private static func separated(_ arguments: [String]) -> [String] {
        let joined = "--watch="
        let options = arguments.prefix { $0 != "--" }
        let separated = options.flatMap { option in
            guard option.hasPrefix(joined) else { return [option] }
            return ["--watch", String(option.dropFirst(joined.count))]
        }
        return separated + arguments[options.endIndex...]
    }

    /// A text that begins with a dash and has a blank in it, or a number, is a text. ArgumentParser
    /// would read it as flags: of `-8 here` it would find the h, and print the help.
    private static func spoken(_ arguments: [String]) -> [String] {
        guard arguments.first == "send", !arguments.contains("--"),
            let place = arguments.lastIndex(where: isSpoken)
        else { return arguments }
        // The room comes before the text: it goes with it, behind all flags.
        var rest = arguments
        let text = rest.remove(at: place)
        guard place > 1, !rest[place - 1].hasPrefix("-") else { return rest + ["--", text] }
        let room = rest.remove(at: place - 1)
        return rest + ["--", room, text]
    }

    private static func isSpoken(_ argument: String) -> Bool {
        guard argument.hasPrefix("-"), let next = argument.dropFirst().first else { return false }
        return argument.contains(where: \.isWhitespace) || next.isNumber
    }

    /// ArgumentParser would name the first argument that no command takes, such as `--json`.
    private func checkName(_ first: String?) throws(CommandFailure) {
        guard let first, !first.hasPrefix("-"), first != "help", path(of: [first]).count == 1
        else { return }
        throw .usage(
            "there is no command \"\(first)\"", try: "\(name) --help lists the commands")
    }

    private func texts(_ arguments: [[UInt8]]) throws(CommandFailure) -> [String] {
        var texts: [String] = []
        for (index, bytes) in arguments.enumerated() {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CommandFailure(
                    "not_utf8", "argument \(index + 1) is not valid UTF-8",
                    try: "use a terminal and a locale with UTF-8, such as LANG=C.UTF-8",
                    exit: .usage)
            }
            texts.append(text)
        }
        return texts
    }

    /// What ArgumentParser throws: requests for help or the version, and wrong usage.
    private func answer(
        _ error: any Error, _ reporter: Reporter, _ surroundings: Surroundings
    ) -> ExitStatus {
        guard root.exitCode(for: error).isSuccess else {
            let command = path(of: surroundings.texts).map(\.name).joined(separator: " ")
            return reporter.report(
                .usage(root.message(for: error), try: "\(command) --help"))
        }
        let text = root.fullMessage(for: error)
        let isHelp = text.hasPrefix("OVERVIEW: ")
        let output = surroundings.output
        try? output.write((isHelp ? help(surroundings) : text) + "\n")
        return .done
    }

    private func help(_ surroundings: Surroundings) -> String {
        let target = path(of: surroundings.texts).last?.type ?? root
        let text = root.helpMessage(for: target, columns: surroundings.output.columns)
        guard let target = target as? any Exemplified.Type else { return text }
        let lines = target.example.split(separator: "\n").map { "  " + $0 }
        return text + (text.hasSuffix("\n") ? "" : "\n") + "\nEXAMPLE:\n"
            + lines.joined(separator: "\n")
    }

    /// The commands that the arguments lead through, as far as they lead.
    private func path(
        of arguments: [String]
    ) -> [(name: String, type: any ParsableCommand.Type)] {
        var path: [(name: String, type: any ParsableCommand.Type)] = [(name, root)]
        for argument in arguments where argument != "help" {
            let next = path.last?.type.configuration.subcommands.first {
                let configuration = $0.configuration
                return configuration.commandName == argument
                    || configuration.aliases.contains(argument)
            }
            guard let next else { break }
            path.append((argument, next))
        }
        return path
    }
}

extension Surroundings {
    /// The arguments for messages: what is no text is shown as U+FFFD.
    fileprivate var texts: [String] { arguments.map { String(decoding: $0, as: UTF8.self) } }
}

/// Says on standard error why a command failed.
struct Reporter: Sendable {
    let program: String
    let isJSON: Bool
    let surroundings: Surroundings

    func report(_ failure: CommandFailure) -> ExitStatus {
        surroundings.output.say(isJSON ? json(failure) : text(failure))
        return failure.exit
    }

    private func json(_ failure: CommandFailure) -> String {
        JSONWriter.text(
            .object([
                "code": .string(failure.code), "message": .string(failure.message),
                "try": .string(failure.remedy),
            ])) + "\n"
    }

    /// What a terminal shows of a message in a few lines; whoever typed a page knows what it was.
    private static let longest = 400

    /// Clean and in one line: a message may quote another peer's text, or what was typed.
    private func text(_ failure: CommandFailure) -> String {
        var message = CleanText.lines(failure.message).joined(separator: " ")
        if message.count > Self.longest { message = message.prefix(Self.longest) + "…" }
        guard !failure.remedy.isEmpty else { return "\(program): \(message)\n" }
        return "\(program): \(message)\n  try: \(CleanText.line(failure.remedy))\n"
    }
}
