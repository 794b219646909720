"""WebSocket servers that break one rule each, on raw sockets: no library would let them.

A case is a path, what the server does there, and the outcome that gend must call it. `Sent` bytes come
behind a good handshake; everything is over loopback, and a case ends when the client goes away.
"""

import base64
import hashlib
import json
import struct
import zlib

import peers

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
DEFLATE = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Request:
    def __init__(self, head):
        first, *lines = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        self.method, self.target, _ = first.split(" ")
        self.path, _, self.query = self.target.partition("?")
        self.fields = {name.lower(): value.strip()
                       for name, _, value in (line.partition(":") for line in lines)}
        self.length = int(self.fields.get("content-length", 0))


def accept_of(key):
    return base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()


def switching(request, **changes):
    """The 101 that a request asks for. A header that is None is left out."""
    fields = {"upgrade": "websocket", "connection": "Upgrade",
              "sec_websocket_accept": accept_of(request.fields.get("sec-websocket-key", "")),
              **changes}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items() if value]
    return ("HTTP/1.1 101 Switching Protocols\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode()


def answer(status, body=b"", **fields):
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in
             {"content_length": len(body), **fields}.items()]
    return f"HTTP/1.1 {status}\r\n".encode() + "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def frame(opcode, payload=b"", fin=True, reserved=0, mask=None, form=None):
    """`reserved`: the three bits, 4 is RSV1. `form`: 7, 16 or 64 bits of length, or the shortest."""
    form = form or (7 if len(payload) < 126 else 16 if len(payload) < 65536 else 64)
    masked = 0x80 if mask else 0
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    head += {7: lambda: bytes([masked | len(payload)]),
             16: lambda: bytes([masked | 126]) + struct.pack(">H", len(payload)),
             64: lambda: bytes([masked | 127]) + struct.pack(">Q", len(payload))}[form]()
    if mask:
        payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        head += mask
    return head + payload


def text(payload):
    return frame(TEXT, payload.encode())


def close_frame(code, reason=b""):
    return frame(CLOSE, struct.pack(">H", code) + reason)


def deflated(payload):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def linger(connection):
    """Until the client goes away."""
    while connection.recv(65536):
        pass


def behind_handshake(data, **changes):
    def behave(connection, request):
        connection.sendall(switching(request, **changes) + data)
        linger(connection)
    return behave


def instead(data):
    def behave(connection, _):
        connection.sendall(data)
        linger(connection)
    return behave


def ends(data=None, how="fin"):
    """Ends the connection: in the handshake, or behind some bytes of a session."""
    def behave(connection, request):
        if data is not None:
            connection.sendall(switching(request) + data)
        if how == "reset":
            if data is not None:
                connection.recv(1)  # the client has read the 101, and said something
            return peers.reset(connection)
        connection.shutdown(peers.socket.SHUT_WR)
        linger(connection)
    return behave


def endless(connection, request):
    connection.sendall(switching(request) + frame(TEXT, b"x" * 65536, fin=False))
    while True:
        connection.sendall(frame(CONTINUATION, b"x" * 65536, fin=False))


BOMB = deflated(b"\0" * (256 * 1024 * 1024))

HANDSHAKE = {
    "/accept/wrong": (behind_handshake(b"", sec_websocket_accept=accept_of("another key")),
                      "ws.accept"),
    "/accept/none": (behind_handshake(b"", sec_websocket_accept=None), "ws.accept"),
    "/upgrade/none": (behind_handshake(b"", upgrade=None), "ws.upgrade_header"),
    "/upgrade/other": (behind_handshake(b"", upgrade="h2c"), "ws.upgrade_header"),
    "/connection/none": (behind_handshake(b"", connection=None), "ws.upgrade_header"),
    "/connection/other": (behind_handshake(b"", connection="keep-alive"), "ws.upgrade_header"),
    "/extension": (behind_handshake(b"", sec_websocket_extensions="x-unasked"), "ws.extension"),
    "/extension/deflate": (behind_handshake(b"", sec_websocket_extensions=DEFLATE), "ws.extension"),
    "/subprotocol": (behind_handshake(b"", sec_websocket_protocol="unasked"), "ws.subprotocol"),
    "/status/200": (instead(answer("200 OK", b"no")), "status.unexpected"),
    "/status/302": (instead(answer("302 Found", location="/elsewhere")), "status.unexpected"),
    "/status/401": (instead(answer("401 Unauthorized", b"token?")), "status.4xx"),
    "/status/503": (instead(answer("503 Service Unavailable")), "status.5xx"),
    "/status/none": (instead(b"hello\r\n\r\n"), "malformed.status_line"),
    "/silence": (lambda connection, _: linger(connection), "timeout.total"),
    "/fin": (ends(), "closed.before_response"),
    "/reset": (ends(how="reset"), "reset.before_response"),
}

FRAMES = {
    "/masked": (frame(TEXT, b"hello", mask=b"abcd"), "ws.masked"),
    "/reserved/1": (frame(TEXT, b"x", reserved=4), "ws.reserved_bits"),
    "/reserved/2": (frame(TEXT, b"x", reserved=2), "ws.reserved_bits"),
    "/reserved/3": (frame(TEXT, b"x", reserved=1), "ws.reserved_bits"),
    "/opcode/data": (frame(3, b"x"), "ws.opcode"),
    "/opcode/control": (frame(11, b"x"), "ws.opcode"),
    "/control/fragment": (frame(PING, b"x", fin=False), "ws.control_frame"),
    "/control/long": (frame(PING, b"x" * 126), "ws.control_frame"),
    "/continuation/first": (frame(CONTINUATION, b"x"), "ws.continuation"),
    "/continuation/within": (frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), "ws.continuation"),
    "/continuation/behind": (frame(TEXT, b"a", fin=False) + frame(CONTINUATION, b"b") +
                             frame(CONTINUATION, b"c"), "ws.continuation"),
    "/length/16": (frame(TEXT, b"x", form=16), "ws.length"),
    "/length/64": (frame(TEXT, b"x" * 200, form=64), "ws.length"),
    "/length/top": (b"\x82\x7f\xff" + b"\0" * 7, "ws.length"),
    "/oversize": (b"\x82\x7f" + struct.pack(">Q", 1 << 40), "limit.message_bytes"),
    "/utf8": (frame(TEXT, b"caf\xe9"), "ws.utf8"),
    "/utf8/split": (frame(TEXT, b"\xe2\x82", fin=False) + frame(CONTINUATION, b"\x41"), "ws.utf8"),
    "/utf8/unfinished": (frame(TEXT, b"\xe2", fin=False) + frame(CONTINUATION, b"\x82"), "ws.utf8"),
    "/utf8/surrogate": (frame(TEXT, b"\xed\xa0\x80"), "ws.utf8"),
    "/close/one-byte": (frame(CLOSE, b"\x03"), "ws.close_payload"),
    "/close/0": (close_frame(0), "ws.close_payload"),
    "/close/999": (close_frame(999), "ws.close_payload"),
    "/close/1005": (close_frame(1005), "ws.close_payload"),
    "/close/1006": (close_frame(1006), "ws.close_payload"),
    "/close/1016": (close_frame(1016), "ws.close_payload"),
    "/close/5000": (close_frame(5000), "ws.close_payload"),
    "/close/reason": (close_frame(1000, b"\xff"), "ws.close_payload"),
    "/closed": (close_frame(1011, b"no"), "ws.closed"),
    "/closed/bare": (frame(CLOSE), "ws.closed"),
}

# With permessage-deflate offered by the client and taken by the server.
DEFLATED = {
    "/deflate/garbage": (frame(TEXT, b"\xff" * 40, reserved=4), "ws.deflate"),
    "/deflate/bomb": (frame(BINARY, BOMB, reserved=4), "limit.message_bytes"),
    "/deflate/utf8": (frame(TEXT, deflated(b"caf\xe9"), reserved=4), "ws.utf8"),
    "/deflate/control": (frame(PING, b"x", reserved=4), "ws.reserved_bits"),
    "/deflate/continuation": (frame(TEXT, deflated(b"x"), fin=False, reserved=4) +
                              frame(CONTINUATION, b"x", reserved=4), "ws.reserved_bits"),
}

ENDS = {
    "/end/fin": (ends(b""), "ws.abnormal"),
    "/end/in-frame": (ends(b"\x81\x7e\x01\x00half"), "ws.abnormal"),
    "/end/in-message": (ends(frame(TEXT, b"half", fin=False)), "ws.abnormal"),
}

# These need a plan that says something: a ping, a message, a close.
WAITS = {
    "/end/reset": (ends(b"", how="reset"), "ws.abnormal"),
    "/mute": (behind_handshake(b""), "timeout.reply"),  # no pong, no answer, no close
}

WEBSOCKET = {
    **HANDSHAKE, **ENDS, **WAITS, "/endless": (endless, "limit.message_bytes"),
    **{path: (behind_handshake(data), outcome) for path, (data, outcome) in FRAMES.items()},
    **{path: (behind_handshake(data, sec_websocket_extensions=DEFLATE), outcome)
       for path, (data, outcome) in DEFLATED.items()},
}

# Engine.IO and Socket.IO over a WebSocket: what the server says, and waits for, in turn.
OPEN = {"sid": "bad", "upgrades": [], "pingInterval": 300, "pingTimeout": 200, "maxPayload": 100000}


def opening(**changes):
    return text("0" + json.dumps({**OPEN, **changes}))


HEARD = object()  # the server waits until the client has said something
JOINED = [opening(pingInterval=60000), HEARD, text('40{"sid":"s"}')]

SOCKETIO = {
    "/open/text": ([text("hello")], "sio.packet"),
    "/open/json": ([text("0{")], "sio.packet"),
    "/open/sid": ([opening(sid="")], "sio.packet"),
    "/open/interval": ([opening(pingInterval="soon")], "sio.packet"),
    "/open/binary": ([frame(BINARY, b"0{}")], "sio.packet"),
    "/open/ping": ([text("2")], "sio.packet"),
    "/open/twice": ([opening(), opening()], "sio.packet"),
    "/version/2": ([opening(), text("40")], "sio.version"),
    "/engine/type": (JOINED + [text("9")], "sio.packet"),
    "/engine/empty": (JOINED + [text("")], "sio.packet"),
    "/engine/closed": (JOINED + [text("1")], "ws.closed"),
    "/packet/type": (JOINED + [text("49")], "sio.packet"),
    "/packet/json": (JOINED + [text('42["a",}]')], "sio.packet"),
    "/packet/open-end": (JOINED + [text('42["a"')], "sio.packet"),
    "/packet/object": (JOINED + [text('42{"a":1}')], "sio.packet"),
    "/packet/unnamed": (JOINED + [text("42[]")], "sio.packet"),
    "/packet/reserved": (JOINED + [text('42["disconnect"]')], "sio.packet"),
    "/packet/ack": (JOINED + [text("43[]")], "sio.packet"),
    "/packet/attachments": (JOINED + [text('45["a"]')], "sio.packet"),
    "/packet/many": (JOINED + [text('4599999-["a"]')], "sio.packet"),
    "/namespace": (JOINED + [text('42/nobody,["a"]')], "sio.namespace"),
    "/attachment/unasked": (JOINED + [frame(BINARY, b"x")], "sio.attachment"),
    "/attachment/text": (JOINED + [text('451-["a",{"_placeholder":true,"num":0}]'),
                                   text('42["b"]')], "sio.attachment"),
    "/attachment/close": (JOINED + [text('451-["a",{"_placeholder":true,"num":0}]'),
                                    text("1")], "sio.attachment"),
    "/refused": ([opening(), HEARD, text('44{"message":"invalid token"}')], "sio.connect_error"),
    "/disconnected": (JOINED + [text("41")], "sio.disconnected"),
    "/no-ping": ([opening(), HEARD, text('40{"sid":"s"}')], "timeout.ping"),
}
# Not faults of the session: the plan's own step says what is missing, or it is counted.
SOCKETIO_WAITS = {
    "/ack/unasked": (JOINED + [text("4399[]"), text('42["end"]')], None),
    "/attachment/none": (JOINED + [text('451-["a",{"_placeholder":true,"num":0}]')], None),
    "/ack/none": (JOINED, "timeout.ack"),
    "/join/none": ([opening(pingInterval=60000)], None),
}


def says(script):
    def behave(connection, request):
        connection.sendall(switching(request))
        for each in script:
            if each is HEARD:
                connection.recv(65536)
            else:
                connection.sendall(each)
        linger(connection)
    return behave


# Long-polling: what the GETs are answered with, in turn; the last one hangs when it is None.
POLLS = {
    "/poll/version/2": ([b'97:0{"sid":"x","upgrades":[],"pingInterval":1000,"pingTimeout":1000}2:40'],
                        "sio.version"),
    "/poll/version/code": ([(400, b'{"code":5,"message":"Unsupported protocol version"}')],
                           "sio.version"),
    "/poll/text": ([b"hello"], "sio.packet"),
    "/poll/empty": ([b""], "sio.packet"),
    "/poll/open": ([b"0{}"], "sio.packet"),
    "/poll/separator": ([b"OPEN", b'40{"sid":"s"}\x1e\x1e42["a"]'], "sio.packet"),
    "/poll/base64": ([b"OPEN", b'40{"sid":"s"}\x1eb!!!!'], "sio.packet"),
    "/poll/attachment": ([b"OPEN", b'40{"sid":"s"}\x1ebAQID'], "sio.attachment"),
    "/poll/unknown": ([b"OPEN", (400, b'{"code":1,"message":"Session ID unknown"}')],
                      "sio.unknown_session"),
    "/poll/status/403": ([(403, b'{"code":4,"message":"Forbidden"}')], "status.4xx"),
    "/poll/status/502": ([b"OPEN", (502, b"Bad Gateway")], "status.5xx"),
}


def polls(answers):
    sent = []  # over all connections of a client: it uses one for GET and one for POST

    def behave(connection, request):
        data = b""
        while request:
            while len(data) < request.length:
                data += connection.recv(65536)
            if request.method == "POST":
                connection.sendall(answer("200 OK", b"ok"))
            elif len(sent) < len(answers):
                sent.append(answers[len(sent)])
                status, body = sent[-1] if isinstance(sent[-1], tuple) else (200, sent[-1])
                if body == b"OPEN":
                    body = b"0" + json.dumps({**OPEN, "pingInterval": 60000}).encode()
                connection.sendall(answer(f"{status} Answer", body))
            data = peers.read_request(connection)
            request = data and Request(data)
            data = data and data.partition(b"\r\n\r\n")[2]
    return behave


class BadPeer(peers.Misbehaving):
    """Serves one set of cases by their paths."""

    def __init__(self, cases):
        self.cases = cases
        super().__init__(self.behave_by_path)

    def behave_by_path(self, connection, _):
        head = peers.read_request(connection)
        if head is None:
            return
        request = Request(head)
        case = self.cases.get(request.path.rstrip("/"))
        if case is None:
            return connection.sendall(answer("404 Not Found"))
        case(connection, request)


def websocket_peer():
    return BadPeer({path: behave for path, (behave, _) in WEBSOCKET.items()})


def socketio_peer():
    scripts = {**SOCKETIO, **SOCKETIO_WAITS}
    return BadPeer({**{path: says(script) for path, (script, _) in scripts.items()},
                    **{path: polls(answers) for path, (answers, _) in POLLS.items()}})
