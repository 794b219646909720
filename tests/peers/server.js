"use strict";
// What the peers in JavaScript share: an HTTP server on a free port of the loopback that tells its
// port on standard output, counts, drops its connections, and goes away and comes back when told.

const http = require("http");

// Counters by name, and by name and key: {messages: 3, closed: {"1000": 2}}.
class Counts {
  add(name, by = 1) {
    this[name] = (this[name] || 0) + by;
  }
  addTo(name, key, by = 1) {
    this[name] = this[name] || {};
    this[name][key] = (this[name][key] || 0) + by;
  }
}

// `attach(server)` puts a protocol on an http.Server and returns how to take it off again.
function serve(counts, attach, extra = {}) {
  const sockets = new Set();
  let port = 0, server, detach;

  function drop(hard) {
    for (const socket of sockets) hard ? socket.resetAndDestroy() : socket.destroy();
  }

  function stop() {
    detach();
    server.close();
    drop(false);
  }

  // Controls, beside what the protocol serves; each answers before it acts.
  const controls = {
    "/counts": () => counts,
    "/drop": (query) => { setImmediate(drop, query.get("how") === "reset"); return {}; },
    "/restart": (query) => {
      setImmediate(() => {
        stop();
        setTimeout(start, Number(query.get("down") || 200));
      });
      return {};
    },
    ...extra,
  };

  function answer(request, response) {
    const url = new URL(request.url, "http://peer");
    const control = controls[url.pathname];
    response.setHeader("connection", "close");
    if (!control) {
      response.writeHead(404);
      return response.end();
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(control(url.searchParams)));
  }

  function start() {
    server = http.createServer(answer);
    server.on("connection", (socket) => {
      counts.add("tcp");
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => {});
    });
    detach = attach(server);
    server.listen({port, host: "127.0.0.1", backlog: 4096}, () => {
      if (port === 0) process.stdout.write(`listening ${server.address().port}\n`);
      port = server.address().port;
    });
  }

  process.on("SIGTERM", () => process.exit(0));
  start();
}

function options() {
  return JSON.parse(process.argv[2] || "{}");
}

module.exports = {Counts, serve, options};
