#!/usr/bin/env python3
"""Speaks to a Starling peer with WAMP clients that other people wrote.

    python3 -m venv venv && venv/bin/pip install -r tools/interop/requirements.txt
    venv/bin/python tools/interop/wamp_clients.py ~/.local/share/starling/starling.sock

The peer must have joined the room given with --room. Prints one line for each check, PASS or FAIL,
and ends with 1 if any failed. Each check has --timeout seconds.
"""

import argparse
import asyncio
import os
import sys
import uuid

import xconn
from autobahn.asyncio.rawsocket import WampRawSocketClientFactory
from autobahn.asyncio.wamp import ApplicationSession
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.serializer import JsonSerializer
from autobahn.wamp.types import ComponentConfig, PublishOptions
from wampproto.serializers import JSONSerializer

REALM = "starling"


class Report:
    """Runs checks one after the other and remembers whether one failed."""

    def __init__(self, timeout):
        self.timeout = timeout
        self.failed = 0

    async def check(self, name, awaitable):
        """Awaits, prints the verdict, and returns the value, or None after a failure."""
        try:
            value = await asyncio.wait_for(awaitable, self.timeout)
        except BaseException as error:  # noqa: B902 - whatever it is, the check failed
            self.failed += 1
            print(f"FAIL {name}: {type(error).__name__}: {error}", flush=True)
            return None
        print(f"PASS {name}", flush=True)
        return value


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


class AutobahnClient:
    """Autobahn over RawSocket on asyncio."""

    name = "autobahn"

    def __init__(self, path):
        self.path = path
        self.session = None

    async def join(self):
        loop = asyncio.get_running_loop()
        joined = loop.create_future()

        class Session(ApplicationSession):
            def onJoin(self, details):
                joined.set_result(self)

            def onLeave(self, details):
                if not joined.done():
                    joined.set_exception(RuntimeError(f"{details.reason}: {details.message}"))
                self.disconnect()

            def onDisconnect(self):
                pass

        config = ComponentConfig(realm=REALM)
        factory = WampRawSocketClientFactory(lambda: Session(config), serializer=JsonSerializer())
        await loop.create_unix_connection(factory, self.path)
        self.session = await joined

    async def call(self, procedure, *args, **kwargs):
        """The keyword results, or the only positional one."""
        result = await self.session.call(procedure, *args, **kwargs)
        return getattr(result, "kwresults", None) or result

    async def error_of(self, procedure, *args, **kwargs):
        try:
            await self.session.call(procedure, *args, **kwargs)
        except ApplicationError as error:
            return error.error
        raise AssertionError(f"{procedure} did not fail")

    async def subscribe(self, topic):
        """A queue of (positional, keyword) arguments."""
        queue = asyncio.Queue()
        await self.session.subscribe(lambda *a, **k: queue.put_nowait((a, k)), topic)
        return queue

    async def register(self, procedure, function):
        await self.session.register(function, procedure)

    async def publish(self, topic, *args, **kwargs):
        await self.session.publish(
            topic, *args, options=PublishOptions(acknowledge=True), **kwargs)

    async def leave(self):
        self.session.leave()


class XconnClient:
    """xconn over RawSocket; it blocks, so each request is made in a thread."""

    name = "xconn"

    def __init__(self, path):
        self.path = path
        self.session = None

    async def join(self):
        client = xconn.Client(serializer=JSONSerializer())
        self.session = await asyncio.to_thread(
            client.connect, f"unix+rs://{os.path.abspath(self.path)}", REALM)

    async def call(self, procedure, *args, **kwargs):
        result = await asyncio.to_thread(self.session.call, procedure, list(args), kwargs)
        return result.kwargs or (result.args[0] if result.args else None)

    async def error_of(self, procedure, *args, **kwargs):
        try:
            await asyncio.to_thread(self.session.call, procedure, list(args), kwargs)
        except Exception as error:
            return getattr(error, "message", str(error))
        raise AssertionError(f"{procedure} did not fail")

    async def subscribe(self, topic):
        queue = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def handler(event):
            item = (tuple(event.args or ()), event.kwargs or {})
            loop.call_soon_threadsafe(queue.put_nowait, item)

        await asyncio.to_thread(self.session.subscribe, topic, handler)
        return queue

    async def register(self, procedure, function):
        def handler(invocation):
            return xconn.types.Result([function(*(invocation.args or []))])

        await asyncio.to_thread(self.session.register, procedure, handler)

    async def publish(self, topic, *args, **kwargs):
        await asyncio.to_thread(
            self.session.publish, topic, list(args), kwargs, {"acknowledge": True})

    async def leave(self):
        await asyncio.to_thread(self.session.leave)


async def status(client):
    fields = await client.call("meshctl.status")
    expect(isinstance(fields, dict) and fields, f"no fields but {fields!r}")


async def error(client, uri, procedure, **kwargs):
    found = await client.error_of(procedure, **kwargs)
    expect(uri in found, f"{uri} expected, not {found}")


async def event(queue, text):
    """Waits for the room's event with this text; others may come before it."""
    while True:
        _, line = await queue.get()
        if line.get("text") == text:
            return line


async def sum_of_two(client, procedure):
    found = await client.call(procedure, 2, 3)
    expect(found == 5, f"5 expected, not {found!r}")


async def greeting(queue, text):
    args, _ = await queue.get()
    expect(args == (text,), f"{text!r} expected, not {args!r}")


async def check_alone(report, client, room):
    """What each client can do with the peer itself."""
    name = client.name
    if not await joined(report, client):
        return False
    await report.check(f"{name}: call meshctl.status", status(client))
    topic = f"starling.room.{room}"
    queue = await report.check(f"{name}: subscribe to {topic}", client.subscribe(topic))
    text = f"interop {uuid.uuid4()}"
    await report.check(
        f"{name}: call starling.send", client.call("starling.send", room=room, text=text))
    if queue is not None:
        await report.check(f"{name}: receive what was sent", event(queue, text))
    for procedure in ("meshctl.no_such_thing", "com.example.no_such_thing"):
        await report.check(
            f"{name}: {procedure} gives wamp.error.no_such_procedure",
            error(client, "wamp.error.no_such_procedure", procedure))
    return True


async def joined(report, client):
    failed = report.failed
    await report.check(f"{client.name}: join {REALM}", client.join())
    return report.failed == failed


async def check_together(report, callee, caller):
    """What one client can do with another."""
    names = f"{caller.name} and {callee.name}"
    procedure = f"com.example.{callee.name}.add"
    await report.check(
        f"{callee.name}: register {procedure}", callee.register(procedure, lambda a, b: a + b))
    await report.check(f"{names}: call {procedure}", sum_of_two(caller, procedure))
    topic = f"com.example.{callee.name}.greeting"
    queue = await report.check(f"{callee.name}: subscribe to {topic}", callee.subscribe(topic))
    await report.check(f"{caller.name}: publish to {topic}", caller.publish(topic, "hello"))
    if queue is not None:
        await report.check(f"{names}: receive the greeting", greeting(queue, "hello"))


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("socket", help="the peer's socket")
    parser.add_argument("--room", default="ops", help="a room the peer has joined (default: ops)")
    parser.add_argument("--timeout", type=float, default=10, help="seconds for each check")
    options = parser.parse_args()

    report = Report(options.timeout)
    clients = [AutobahnClient(options.socket), XconnClient(options.socket)]
    here = [c for c in clients if await check_alone(report, c, options.room)]
    if len(here) == 2:
        await check_together(report, here[0], here[1])
        await check_together(report, here[1], here[0])
    for client in here:
        await report.check(f"{client.name}: leave", client.leave())
    print("all passed" if report.failed == 0 else f"{report.failed} failed", flush=True)
    return 1 if report.failed else 0


if __name__ == "__main__":
    code = asyncio.run(main())
    # xconn's reader thread does not end by itself after a failure.
    os._exit(code) if code else sys.exit(code)
