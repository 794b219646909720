"use strict";
// Echo, rooms and manners of a WebSocket server, by path:  node ws_server.js '{…options of ws}'

const {WebSocketServer} = require("ws");
const {Counts, serve, options} = require("./server.js");
const {claims} = require("./token.js");

const counts = new Counts();
const rooms = new Map();
const sequence = {};

function echo(socket) {
  socket.on("message", (data, isBinary) => socket.send(data, {binary: isBinary}));
}

function room(socket, query) {
  const name = query.get("room");
  const members = rooms.get(name) || new Set();
  rooms.set(name, members.add(socket));
  socket.on("close", () => members.delete(socket));
  socket.send(JSON.stringify({type: "joined", room: name}));
  socket.on("message", (data) => {
    sequence[name] = (sequence[name] || 0) + 1;
    const text = JSON.stringify({
      type: "said", text: String(data), seq: sequence[name],
      mono_ns: Number(process.hrtime.bigint()),
    });
    counts.addTo("sent", name);
    counts.addTo("delivered", name, members.size);
    for (const member of members) member.send(text);
  });
}

// Each message {id, wait} is answered after `wait` ms: in another order than they came.
function later(socket) {
  socket.on("message", (data) => {
    const {id, wait} = JSON.parse(data);
    setTimeout(() => socket.send(JSON.stringify({type: "answer", id})), wait);
  });
}

// Speaks without being spoken to.
function push(socket, query) {
  let left = Number(query.get("count"));
  const timer = setInterval(() => {
    if (left-- === 0) {
      clearInterval(timer);
      return socket.close(1000, "all said");
    }
    counts.add("pushed");
    socket.send(JSON.stringify({type: "push", left}));
  }, Number(query.get("every") || 1));
  socket.on("close", () => clearInterval(timer));
}

// Each message comes back in pieces, with a ping between them.
function fragments(socket) {
  socket.on("message", (data, binary) => {
    const third = Math.ceil(data.length / 3);
    for (let at = 0; at === 0 || at < data.length; at += third) {
      socket.send(data.subarray(at, at + third), {binary, fin: at + third >= data.length});
      if (at + third < data.length) socket.ping();
    }
  });
  socket.on("pong", () => counts.add("pongs"));
}

function close(socket, query) {
  socket.on("message", () => socket.close(Number(query.get("code")), query.get("reason") || ""));
}

function pings(socket, query) {
  let left = Number(query.get("count"));
  const next = () => (left-- > 0 ? socket.ping(String(left)) : socket.close(1000));
  socket.on("pong", () => {
    counts.add("pongs");
    next();
  });
  next();
}

const paths = {
  "/echo": echo, "/deflate": echo, "/context": echo, "/auth": echo, "/mute": () => {},
  "/room": room, "/later": later, "/push": push, "/fragments": fragments, "/close": close,
  "/pings": pings,
};

const plain = {noServer: true, ...options()};
const chat = (offered) => (offered.has("chat") ? "chat" : false);
const deflate = {threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true};
const servers = {
  "/deflate": {...plain, perMessageDeflate: deflate},
  "/context": {...plain, perMessageDeflate: {threshold: 0}},
  "/mute": {...plain, autoPong: false},  // answers no ping
};

function attach(server) {
  const made = new Map();
  const of = (path) => {
    if (!made.has(path))
      made.set(path, new WebSocketServer({handleProtocols: chat, ...(servers[path] || plain)}));
    return made.get(path);
  };
  server.on("upgrade", (request, socket, head) => {
    const url = new URL(request.url, "http://peer");
    const talk = paths[url.pathname];
    const bearer = (request.headers.authorization || "").replace(/^Bearer /, "");
    if (!talk || (url.pathname === "/auth" && !claims(bearer))) {
      counts.add("refused");
      const status = talk ? "401 Unauthorized" : "404 Not Found";
      return socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    }
    of(url.pathname).handleUpgrade(request, socket, head, (session) => {
      counts.addTo("sessions", url.pathname);
      if (session.protocol) counts.addTo("protocols", session.protocol);
      if (session.extensions) counts.addTo("extensions", session.extensions);
      session.on("message", (data) => {
        counts.addTo("messages", url.pathname);
        counts.add("bytes", data.length);
      });
      session.on("ping", () => counts.add("pings"));
      session.on("close", (code) => counts.addTo("closed", code));
      session.on("error", (error) => counts.addTo("errors", error.code || error.message));
      talk(session, url.searchParams);
    });
  });
  return () => {
    // As a server does that is told to stop: a close frame to everybody.
    for (const each of made.values())
      for (const session of each.clients) session.close(1001, "restart");
  };
}

serve(counts, attach);
