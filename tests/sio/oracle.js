"use strict";
// Random packets, written by Socket.IO's own parsers and read by ours, and the other way; then
// damaged ones, which both must judge alike. Skipped (77) when tests/peers is not installed.
//   node oracle.js SPEAK_JSON PEERS

const assert = require("assert");
const {spawnSync} = require("child_process");
const fs = require("fs");
const path = require("path");

const [speaker, peers] = process.argv.slice(2);
const modules = path.resolve(peers, "node_modules");
if (!fs.existsSync(path.join(modules, "socket.io-parser"))) {
  console.log("tests/peers is not installed: npm ci there");
  process.exit(77);
}
const newest = require(path.join(modules, "socket.io-parser"));
const oldest = require(path.join(modules, "socket.io-3/node_modules/socket.io-parser"));
const engine = require(path.join(modules, "engine.io-parser"));

const seed = Number(process.env.GEND_TEST_SEED || Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed} (set GEND_TEST_SEED to repeat)`);
let state = seed >>> 0;
function random() {  // mulberry32
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}
const below = (n) => random() % n;
const chance = (n) => below(n) === 0;
const times = (n, make) => Array.from({length: n}, make);

const LETTERS = [..."abcxyzABC019 ,:;[]{}\"\\/'\n\t\u0001\u001f-_$éß€漢😀"];
const text = () => times(below(14), () => LETTERS[below(LETTERS.length)]).join("");
const bytes = () => Buffer.from(times(below(40), () => below(256)));

function value(depth, binary) {
  switch (below(depth === 0 ? 5 : 8)) {
    case 0: return null;
    case 1: return chance(2);
    case 2: return below(2 ** 31) - 2 ** 30;
    case 3: return (below(2 ** 31) - 2 ** 30) / 1024;
    case 4: return text();
    case 5: return times(below(4), () => value(depth - 1, binary));
    case 6: return binary ? bytes() : text();
    default: {
      const object = {};
      for (let i = below(4); i > 0; --i) object["k" + text()] = value(depth - 1, binary);
      return object;
    }
  }
}

function packet() {
  const type = below(5);
  const made = {type, nsp: chance(2) ? "/" : "/village" + below(100)};
  if (type === 0 || type === 4) made.data = {sid: text(), more: value(2, false)};
  if (type === 2) made.data = [text() || "e", ...times(below(4), () => value(3, chance(3)))];
  if (type === 3) made.data = times(below(4), () => value(3, chance(3)));
  if (type === 3 || (type === 2 && chance(2))) made.id = below(2 ** 31);
  return made;
}

function ask(questions) {
  const input = questions.map((each) => JSON.stringify(each)).join("\n") + "\n";
  const run = spawnSync(speaker, {input, encoding: "utf8", maxBuffer: 1 << 30});
  assert.strictEqual(run.status, 0, run.stderr);
  const answers = run.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.strictEqual(answers.length, questions.length);
  return answers;
}

function same(said, wanted, why) {
  if (wanted === undefined) return assert.strictEqual(said, null, why);
  assert.ok(said, why);
  assert.strictEqual(said.type, wanted.type, why);
  assert.strictEqual(said.nsp, wanted.nsp, why);
  assert.strictEqual(said.id, wanted.id, why);
  assert.strictEqual(said.attachments, wanted.attachments || 0, why);
  if (wanted.data === undefined) return assert.strictEqual(said.payload, "", why);
  assert.deepStrictEqual(JSON.parse(said.payload), wanted.data, why);
  if (![2, 3, 5, 6].includes(wanted.type)) return;
  const event = wanted.type === 2 || wanted.type === 5;
  const expected = event ? wanted.data.slice(1) : wanted.data;
  assert.deepStrictEqual(JSON.parse(said.arguments), expected, why);
  if (expected.length === 0) assert.strictEqual(said.last, "", why);
  else assert.deepStrictEqual(JSON.parse(said.last), expected.at(-1), why);
  if (event) assert.strictEqual(said.name, String(wanted.data[0]), why);
}

// What their decoder reads, before attachments are put in their places.
const decoded = (parser, string) => new parser.Decoder().decodeString(string);

function theirPackets(parser, count) {
  const encoder = new parser.Encoder();
  const made = times(count, () => encoder.encode(packet())[0]);
  const answers = ask(made.map((each) => ({packet: each})));
  made.forEach((each, i) => same(answers[i], decoded(parser, each), each));
  return made;
}

// Ours, read by theirs whole, attachments included.
function ourPackets(parser, count) {
  const made = times(count, packet);
  const encoder = new parser.Encoder();
  const parts = made.map((each) => {
    const [head, ...attachments] = encoder.encode({...each});
    const {data, attachments: announced = 0} = decoded(parser, head);
    const payload = data === undefined ? "" : JSON.stringify(data);
    return {write: {type: each.type, nsp: each.nsp, id: each.id, attachments: announced, payload},
            attachments};
  }).filter(({write}) => write.type !== 4);  // a client sends no connect_error
  const answers = ask(parts.map(({write}) => ({write})));
  parts.forEach(({write, attachments}, i) => {
    const message = engine.decodePacket(answers[i]);
    assert.strictEqual(message.type, "message");
    const decoder = new parser.Decoder();
    let read;
    decoder.on("decoded", (each) => (read = each));
    decoder.add(message.data);
    for (const each of attachments) decoder.add(each);
    const [again, ...buffers] = encoder.encode({...read, type: write.type});
    assert.strictEqual(again, message.data);
    assert.deepStrictEqual(buffers, attachments);
  });
  return parts.length;
}

// What their parser lets pass, and we do not: each is no packet of the protocol.
const LENIENT = [
  [/^(\s|$)/, "no type"],
  [/^[2356](\d+-)?(\/[^,]*(,|$))?\d*$/, "an event or an acknowledgement without a payload"],
  [/^[36](\d+-)?(\/[^,]*(,|$))?\[/, "an acknowledgement without an id"],
  [/^[014](\/[^,]*(,|$))?\s*\d/, "an id where none belongs"],
  [/^[2-6](\d+-)?(\/[^,]*(,|$))?\s*\d*\s/, "spaces before the payload"],
  [/^[014](\/[^,]*(,|$))?\s/, "spaces before the payload"],
  [/\s$/, "spaces behind the payload"],
  [/^[56](\s|0[xob]|\d+\.0*-|\d*e|\+|\d+\s|\d*\.)/i, "attachments in another notation"],
  [/^.(\d+-)?(\/[^,]*(,|$))?\d{16}/, "an id beyond 2^53"],
];

function damage(string) {
  const at = below(string.length);
  switch (below(4)) {
    case 0: return string.slice(0, at) + string.slice(at + 1 + below(3));
    case 1: return string.slice(0, at) + LETTERS[below(LETTERS.length)] + string.slice(at);
    case 2: return string.slice(0, at) + String.fromCharCode(32 + below(95)) + string.slice(at + 1);
    default: return string.slice(0, at);
  }
}

function damaged(strings) {
  const broken = strings.map(damage).filter((each) => !/\p{Surrogate}/u.test(each));
  const answers = ask(broken.map((each) => ({packet: each})));
  let refused = 0;
  broken.forEach((each, i) => {
    let wanted;
    try {
      wanted = decoded(newest, each);
    } catch (error) {
      // Their limit of attachments is 10 and ours is not.
      if (error.message === "too many attachments") return;
    }
    if (answers[i] === null) ++refused;
    if (answers[i] !== null || wanted === undefined) return same(answers[i], wanted, each);
    assert.ok(LENIENT.some(([shape]) => shape.test(each)), `they take what we refuse: ${each}`);
  });
  return refused;
}

function enginePackets() {
  const KINDS = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];
  return times(1 + below(6), () => {
    if (chance(3)) return {type: "message", data: bytes()};
    const type = KINDS[below(KINDS.length)];
    return chance(4) ? {type} : {type, data: text().replaceAll("\x1e", "")};
  });
}

function payloads(count) {
  const KINDS = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];
  const made = times(count, enginePackets);
  const bodies = made.map((packets) => {
    let body;
    engine.encodePayload(packets, (encoded) => (body = encoded));
    return body;
  });
  const read = ask(bodies.map((body) => ({body: Buffer.from(body).toString("base64")})));
  const written = ask(made.map((packets) => ({polling: packets.map(({type, data = ""}) =>
    Buffer.isBuffer(data) ? {base64: data.toString("base64")}
                          : {text: KINDS.indexOf(type) + data})})));
  made.forEach((packets, i) => {
    // By chance it may look like an open packet behind its length, as Socket.IO 2 sends it.
    if (/^\d+:0\{/.test(bodies[i])) return assert.strictEqual(read[i], "sio.version");
    assert.deepStrictEqual(read[i], packets.map(({type, data = ""}) => ({
      type: KINDS.indexOf(type), binary: Buffer.isBuffer(data),
      data: Buffer.from(data).toString("base64")})), bodies[i]);
    const ours = Buffer.from(written[i], "base64").toString();
    assert.strictEqual(ours, bodies[i]);
  });
}

function opens(count) {
  const made = times(count, () => ({
    sid: times(20, () => "abcXYZ019-_"[below(11)]).join(""),
    upgrades: chance(2) ? ["websocket"] : chance(2) ? ["webtransport"] : [],
    pingInterval: 1 + below(86400000), pingTimeout: 1 + below(86400000),
    maxPayload: 1 + below(2 ** 31)}));
  const answers = ask(made.map((each) => ({open: JSON.stringify(each)})));
  made.forEach((each, i) => assert.deepStrictEqual(
    answers[i], {...each, upgrades: each.upgrades.includes("websocket")}));
}

const COUNT = 10000;
const strings = [...theirPackets(newest, COUNT), ...theirPackets(oldest, COUNT)];
const ours = ourPackets(newest, COUNT) + ourPackets(oldest, COUNT);
const refused = damaged(strings);
payloads(COUNT);
opens(2000);
console.log(`${strings.length} of theirs read, ${ours} of ours read by them, ` +
            `${refused} of ${strings.length} damaged ones refused, ${COUNT} payloads both ways`);
assert.ok(refused > COUNT / 2);
