"use strict";
// What clients of other people get from a server:  node clients.js HOST:PORT TOKEN
// Prints what happened as one JSON object; fails when something does not happen in time.

const {io} = require("socket.io-client");
const WebSocket = require("ws");

const [host, token] = process.argv.slice(2);
const PATIENCE = 20000;

const event = (from, name) => new Promise((resolve, reject) => {
  const timer = setTimeout(() => reject(new Error(`never happened: ${name}`)), PATIENCE);
  from.once(name, (...args) => {
    clearTimeout(timer);
    resolve(args);
  });
});
const client = (space, more = {}) =>
  io(`http://${host}${space}`, {transports: ["websocket"], forceNew: true, ...more});

async function village() {
  const all = [0, 1, 2].map(() => client("/villages", {auth: {token}}));
  await Promise.all(all.map((each) => event(each, "connect")));
  const joined = await Promise.all(
    all.map((each) => each.timeout(PATIENCE).emitWithAck("join_village", 2)));
  const heard = all.map((each) => event(each, "village_message"));
  const said = await all[0].timeout(PATIENCE)
    .emitWithAck("village_message", {village: 2, text: "é漢😀"});
  const messages = (await Promise.all(heard)).map(([message]) => message.text);
  all.forEach((each) => each.close());
  return {joined, said, messages};
}

async function echo() {
  const socket = client("/");
  await event(socket, "connect");
  const back = event(socket, "echo");
  const given = [1, {a: ["\u0001\"", null]}, Buffer.from([0, 255, 7])];
  const ack = await new Promise((resolve) => socket.emit("echo", ...given, (...args) => resolve(args)));
  const event_back = await back;
  const end = event(socket, "disconnect");
  socket.emit("kick");
  const [reason] = await end;
  socket.close();
  return {ack: JSON.stringify(ack) === JSON.stringify(given),
          event: JSON.stringify(event_back) === JSON.stringify(given), reason};
}

async function refused() {
  const reasons = {};
  for (const [name, space, auth] of [["token", "/villages", {token: "a.b.c"}],
                                     ["missing", "/villages", {}], ["space", "/nowhere", {}]]) {
    const socket = client(space, {auth});
    const [error] = await event(socket, "connect_error");
    reasons[name] = [error.message, error.data && error.data.code];
    socket.close();
  }
  return reasons;
}

async function websocket() {
  const socket = new WebSocket(`ws://${host}/ws/echo`);
  await event(socket, "open");
  const sizes = [];
  for (const size of [0, 1, 125, 126, 65535, 65536, 300000]) {
    const sent = Buffer.alloc(size, "x");
    const back = event(socket, "message");
    socket.send(sent, {binary: size % 2 === 0});
    const [data, binary] = await back;
    sizes.push(data.equals(sent) && binary === (size % 2 === 0));
  }
  const pong = event(socket, "pong");
  socket.ping("are you there");
  const [payload] = await pong;
  const closed = event(socket, "close");
  socket.close(4001, "enough");
  return {sizes, pong: String(payload), code: (await closed)[0]};
}

(async () => {
  const all = {village: await village(), echo: await echo(), refused: await refused(),
               websocket: await websocket()};
  console.log(JSON.stringify(all));
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
