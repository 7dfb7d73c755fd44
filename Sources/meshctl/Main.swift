import Glibc
import MeshCommands

/// The inspector.
@main
struct Main {
    static func main() async {
        exit(await Program.meshctl.run(in: .ofProcess()).rawValue)
    }
}
