"""Echo and rooms on Debian's python3-websockets: another implementation than the one in JavaScript.

/usr/bin/python3 ws_python.py [JSON options of websockets.serve]; tells its port on standard output.
"""

import asyncio
import collections
import http
import json
import signal
import sys
import urllib.parse

import websockets

COUNTS = collections.Counter()
BY = collections.defaultdict(collections.Counter)
ROOMS = collections.defaultdict(set)
SEQUENCE = collections.Counter()


async def echo(session, _):
    async for message in session:
        await session.send(message)


async def fragments(session, _):
    """Each message comes back in pieces of three."""
    async for message in session:
        await session.send([message[at:at + 3] for at in range(0, len(message), 3)] or [message])


async def room(session, query):
    name = query["room"][0]
    members = ROOMS[name]
    members.add(session)
    await session.send(json.dumps({"type": "joined", "room": name}))
    try:
        async for message in session:
            SEQUENCE[name] += 1
            BY["sent"][name] += 1
            BY["delivered"][name] += len(members)
            websockets.broadcast(members, json.dumps(
                {"type": "said", "text": message, "seq": SEQUENCE[name]}))
    finally:
        members.discard(session)


async def close(session, query):
    await session.recv()
    await session.close(int(query["code"][0]), query.get("reason", [""])[0])


PATHS = {"/echo": echo, "/fragments": fragments, "/room": room, "/close": close}


async def talk(session):
    url = urllib.parse.urlsplit(session.path)
    BY["sessions"][url.path] += 1
    if session.subprotocol:
        BY["protocols"][session.subprotocol] += 1
    for extension in session.extensions:
        BY["extensions"][extension.name] += 1
    try:
        await PATHS[url.path](session, urllib.parse.parse_qs(url.query))
    except websockets.ConnectionClosed:
        pass
    await session.wait_closed()
    BY["closed"][str(session.close_code)] += 1


async def process_request(path, headers):
    url = urllib.parse.urlsplit(path)
    if url.path == "/counts":
        body = json.dumps({**COUNTS, **BY}).encode()
        return http.HTTPStatus.OK, [("content-type", "application/json")], body
    if url.path not in PATHS:
        COUNTS["refused"] += 1
        return http.HTTPStatus.NOT_FOUND, [], b""
    return None


async def main():
    options = {"subprotocols": ["chat"], "compression": None, "ping_interval": None,
               **json.loads(sys.argv[1] if len(sys.argv) > 1 else "{}")}
    stopped = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set_result, None)
    async with websockets.serve(talk, "127.0.0.1", 0, process_request=process_request,
                                backlog=4096, **options) as server:
        print("listening", server.sockets[0].getsockname()[1], flush=True)
        await stopped


asyncio.run(main())
