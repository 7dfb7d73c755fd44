import Glibc
import MeshCommands

/// The chat.
@main
struct Main {
    static func main() async {
        exit(await Program.starling.run(in: .ofProcess()).rawValue)
    }
}
