"""Starling peers on this machine, for demos and labs: started in temporary homes on loopback, stopped
whatever happens. Python 3 standard library only.
"""

import collections
import json
import os
import pathlib
import queue
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

START_SECONDS = 20
COMMAND_SECONDS = 60
# starlingd promises to stop within 5 s.
STOP_SECONDS = 8


class Failed(Exception):
    """Something that had to work did not; the text says what, with what the programs said."""


def fresh_mesh(word):
    """A mesh of its own, since everybody on loopback hears the same group."""
    return f"{word}-{secrets.token_hex(4)}"


class Peer:
    """One starlingd and the commands that talk to it."""

    def __init__(self, name, bin_dir, home, mesh, flags=(), nick=None, machine=None):
        """`machine` is a folder that stands for what a machine keeps until it boots again, the marker
        among it; peers of one folder of homes share one unless told otherwise."""
        self.name = name
        self.nick = nick or name
        self.bin = pathlib.Path(bin_dir)
        self.home = pathlib.Path(home)
        self.mesh = mesh
        self.flags = list(flags)
        self.process = None
        self.ready = {}
        self.said = collections.deque(maxlen=200)
        self.socket = self.home / "starling.sock"
        self.env = {
            key: value for key, value in os.environ.items()
            if key not in ("STARLING_SOCKET", "STARLING_PASSPHRASE_FILE")
        }
        self.env["STARLING_HOME"] = str(self.home)
        # Someone's own configuration has no place here.
        self.env["XDG_CONFIG_HOME"] = str(self.home / "config")
        self.env["XDG_RUNTIME_DIR"] = str(machine or self.home.parent / "machine")
        # Of starlingd alone; a program that is to start it, and variables.
        self.launcher = []
        self.daemon_env = dict(self.env)

    @property
    def command(self):
        return [*self.launcher, str(self.bin / "starlingd"), "--interface", "lo", "--mesh", self.mesh,
                "--nick", self.nick, *self.flags]

    def start(self):
        """Returns once it is ready."""
        self.said.clear()
        self.process = subprocess.Popen(
            self.command, env=self.daemon_env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True)
        lines = queue.Queue()
        threading.Thread(
            target=self._read, args=(self.process.stderr, lines), daemon=True).start()
        self._await_ready(lines)
        return self

    def _read(self, stream, lines):
        for line in stream:
            self.said.append(line.rstrip("\n"))
            lines.put(line)
        lines.put(None)

    def _await_ready(self, lines):
        try:
            while True:
                line = lines.get(timeout=START_SECONDS)
                if line is None:
                    raise Failed(f"{self.name}: starlingd ended before it was ready\n{self.tail()}")
                if line.startswith("starlingd: ready "):
                    self.ready = dict(part.split("=", 1) for part in line.split()[2:] if "=" in part)
                    self.socket = pathlib.Path(self.ready.get("socket", self.socket))
                    return
        except queue.Empty:
            raise Failed(
                f"{self.name}: starlingd was not ready after {START_SECONDS} s\n{self.tail()}"
            ) from None

    def tail(self):
        """What starlingd said last."""
        return "\n".join(f"  | {line}" for line in list(self.said)[-15:])

    @property
    def port(self):
        return int(self.ready["port"])

    def kill(self):
        """kill -9, and waits for the end."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        if self.process:
            self.process.wait()

    def stop(self):
        """Asks it to stop; kills it when it does not."""
        if not self.process or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def run(self, program, *arguments, stdin=None, timeout=COMMAND_SECONDS):
        """What the command printed; Failed unless it exits 0."""
        command = [self.bin / program, *map(str, arguments)]
        shown = " ".join([program, *map(str, arguments)])
        try:
            done = subprocess.run(
                command, env=self.env, input=stdin, capture_output=True, text=True,
                errors="replace", timeout=timeout)
        except subprocess.TimeoutExpired:
            raise Failed(
                f"{self.name}: '{shown}' did not end within {timeout} s\n{self.tail()}") from None
        if done.returncode != 0:
            raise Failed(
                f"{self.name}: '{shown}' ended with {done.returncode}: "
                f"{done.stderr.strip() or done.stdout.strip()}\n{self.tail()}")
        return done.stdout

    def rows(self, program, *arguments, **options):
        """The same with --json, as a list of objects."""
        out = self.run(program, *arguments, "--json", **options)
        return [json.loads(line) for line in out.splitlines() if line.strip()]

    def has(self, ids, seconds=30):
        """Returns once it holds all these entries."""
        for id in ids:
            self.run("meshctl", "wait", "--entry", id, "--timeout", seconds, timeout=seconds + 10)

    def send(self, room, text):
        """The id of the entry, in full."""
        return self.rows("starling", "send", room, text)[0]["id"]

    def log(self, room):
        return self.rows("starling", "log", room)

    def call(self, procedure, **keywords):
        """Calls a procedure of the local API: WAMP, JSON, over RawSocket on the Unix socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.settimeout(COMMAND_SECONDS)
            door.connect(str(self.socket))
            # Magic, frames of up to 2^24 bytes in JSON, reserved.
            door.sendall(b"\x7f\xf1\0\0")
            if _exactly(door, 4)[1] & 0x0F != 1:
                raise Failed(f"{self.name}: the API speaks no JSON")
            _put(door, [1, "starling", {"roles": {"caller": {}}}])
            welcome = _get(door)
            if welcome[0] != 2:
                raise Failed(f"{self.name}: the API answered {welcome}")
            _put(door, [48, 1, {}, procedure, [], keywords])
            while True:
                answer = _get(door)
                if answer[0] == 50 and answer[1] == 1:
                    return answer[4] if len(answer) > 4 else (answer[3:] or [None])[0]
                if answer[0] == 8 and answer[2] == 1:
                    raise Failed(f"{self.name}: {procedure} failed: {answer[4:]}")

    def cut_off(self):
        """From now on it hears nobody and nobody hears it. Needs --lab."""
        self.call("meshctl.isolate", all=True)

    def heal(self):
        self.call("meshctl.isolate")


def until(holds, seconds, what):
    """Looks again and again until `holds()`; what it returned. Failed after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"not within {seconds} s: {what}")
        time.sleep(0.1)


# What must be equal in the same line at two peers; the rest is local.
SAME = ["id", "author", "epoch", "seq", "at", "kind", "text", "cites", "clock"]


def differences(logs):
    """Where logs, by the name of their peer, differ in what must be equal."""
    found = []
    (first, log), *others = logs.items()
    for name, other in others:
        if len(other) != len(log):
            found.append(f"{first} shows {len(log)} lines, {name} shows {len(other)}")
        for place, (a, b) in enumerate(zip(log, other), start=1):
            for field in SAME:
                if a.get(field) != b.get(field):
                    found.append(f"line {place}: {field} is {a.get(field)!r} at {first} "
                                 f"and {b.get(field)!r} at {name}")
    return found


def _put(door, message):
    payload = json.dumps(message).encode()
    door.sendall(struct.pack(">I", len(payload)) + payload)


def _get(door):
    while True:
        head = struct.unpack(">I", _exactly(door, 4))[0]
        payload = _exactly(door, head & 0xFFFFFF)
        if head >> 24 == 0:
            return json.loads(payload)
        if head >> 24 == 1:
            door.sendall(struct.pack(">I", 2 << 24 | len(payload)) + payload)


def _exactly(door, count):
    data = b""
    while len(data) < count:
        part = door.recv(count - len(data))
        if not part:
            raise Failed("the API closed the connection")
        data += part
    return data


class Peers:
    """A handful of peers of one mesh. Leaving the `with` stops them and removes their homes."""

    def __init__(self, bin_dir, names, word, flags=()):
        # A Unix socket's path has 107 bytes: no deep TMPDIR.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="starling-", dir=short_folder()))
        mesh = fresh_mesh(word)
        self.all = [Peer(name, bin_dir, self.folder / name, mesh, flags) for name in names]

    def __enter__(self):
        # An ordinary end: the peers are stopped on the way out.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        return self.all

    def __exit__(self, *_):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for peer in self.all:
            if peer.process and peer.process.poll() is None:
                peer.process.send_signal(signal.SIGTERM)
        for peer in self.all:
            peer.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)


def short_folder():
    folder = os.environ.get("TMPDIR", "/tmp")
    return folder if len(folder) <= 60 and os.path.isdir(folder) else "/tmp"


def _interrupt(*_):
    raise KeyboardInterrupt
