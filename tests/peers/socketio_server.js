"use strict";
// A village server on Socket.IO:  node socketio_server.js '{"version": 4, …options of Socket.IO}'
// Villages are rooms. In "/" everybody may talk, in "/villages" only who has a token.

const {Counts, serve, options} = require("./server.js");
const {claims} = require("./token.js");

const {version = 4, ...settings} = options();
const socketio = require({2: "socket.io-2", 3: "socket.io-3", 4: "socket.io"}[version]);
const counts = new Counts();
const sequence = {};

function size(space, room) {
  const found = version === 2 ? space.adapter.rooms[room] : space.adapter.rooms.get(room);
  return found ? (version === 2 ? found.length : found.size) : 0;
}

function talk(space, socket) {
  const on = (event, handle) => socket.on(event, (...args) => {
    counts.addTo("events", event);
    const last = args[args.length - 1];
    const ack = typeof last === "function" ? args.pop() : null;
    handle(args, (...values) => {
      if (!ack) return;
      counts.addTo("acks", event);
      ack(...values);
    });
  });

  on("join_village", ([village], ack) => {
    socket.join(village);
    ack({ok: true, village});
  });
  on("leave_village", ([village], ack) => {
    socket.leave(village);
    ack({ok: true, village});
  });
  on("village_message", ([message], ack) => {
    const village = message.village;
    sequence[village] = (sequence[village] || 0) + 1;
    counts.addTo("sent", village);
    counts.addTo("delivered", village, size(space, village));
    space.to(village).emit("village_message", {
      ...message, seq: sequence[village], mono_ns: Number(process.hrtime.bigint()),
    });
    ack({ok: true});
  });

  on("echo", (args, ack) => ack(...args));
  on("say", (args) => socket.emit("said", ...args));
  on("silent", () => {});  // never acknowledged
  on("slow", ([ms], ack) => setTimeout(ack, ms, {ms}));
  on("ticks", ([count]) => {
    for (let i = 0; i < count; ++i) socket.emit("tick", i);
  });
  on("ask", ([question]) => {
    // The server asks for an acknowledgement in its turn.
    socket.emit("question", question, () => counts.add("answers"));
  });
  on("binary", ([bytes], ack) => {
    counts.add("binary_bytes", bytes.length);
    ack(bytes);
  });
  on("binary_pair", ([a, b], ack) => {
    ack({first: b, second: a});
    socket.emit("pair", {first: a, second: b});
  });
  on("kick", () => socket.disconnect(true));
  on("leave_me", () => socket.disconnect(false));  // the namespace, not the connection
}

function joined(space, name) {
  return (socket) => {
    counts.addTo("joined", name);
    if (socket.recovered) counts.add("recovered");
    socket.on("disconnect", (reason) => counts.addTo("disconnected", reason));
    talk(space, socket);
  };
}

let io;
serve(counts, (server) => {
  io = socketio(server, settings);
  io.engine.on("connection", (session) => {
    counts.addTo("sessions", session.transport.name);
    session.on("upgrade", () => counts.add("upgraded"));
    session.on("heartbeat", () => counts.add("heartbeats"));  // a ping that was answered
    session.on("close", (reason) => counts.addTo("closed", reason));
  });
  io.of("/").on("connection", joined(io.of("/"), "/"));
  const villages = io.of("/villages");
  villages.use((socket, next) => {
    const given = version === 2 ? socket.handshake.query.token : socket.handshake.auth.token;
    if (claims(given)) return next();
    counts.add("refused");
    const error = new Error("invalid token");
    error.data = {code: "token"};
    next(error);
  });
  villages.on("connection", joined(villages, "/villages"));
  return () => io.close();
});
