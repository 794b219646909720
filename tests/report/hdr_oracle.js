"use strict";
// HdrHistogram's own implementation reads the logs, and must find in them what it would have made
// of the same values itself. Skipped (77) when tests/peers is not installed.
//   node hdr_oracle.js WRITE_FORMATS PEERS

const assert = require("assert");
const {spawnSync} = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");

const [writer, peers] = process.argv.slice(2);
const installed = path.resolve(peers, "node_modules/hdr-histogram-js");
if (!fs.existsSync(installed)) {
  console.log("tests/peers is not installed: scripts/peers.sh");
  process.exit(77);
}
const hdr = require(installed);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "gend-hdr-"));
process.on("exit", () => fs.rmSync(folder, {recursive: true, force: true}));
assert.strictEqual(spawnSync(writer, [folder], {stdio: "inherit"}).status, 0);
const read = (name) => fs.readFileSync(path.join(folder, name), "utf8");
const truth = JSON.parse(read("truth.json"));

function histogramOf(values) {
  const made = hdr.build({bitBucketSize: 64, autoResize: false, lowestDiscernibleValue: 1,
                          highestTrackableValue: 2 ** 52 - 1, numberOfSignificantValueDigits: 2});
  for (const value of values) made.recordValue(value);
  return made;
}

// Bucket for bucket, not only by what is printed of them.
function assertSame(found, expected, what) {
  assert.strictEqual(found.totalCount, expected.totalCount, what);
  assert.strictEqual(found.countsArrayLength, expected.countsArrayLength, what);
  for (let i = 0; i < expected.countsArrayLength; ++i)
    assert.strictEqual(found.getCountAtIndex(i), expected.getCountAtIndex(i), `${what}: ${i}`);
  for (const percentile of [0, 1, 50, 90, 99, 99.9, 100])
    assert.strictEqual(found.getValueAtPercentile(percentile),
                       expected.getValueAtPercentile(percentile), what);
}

// ---- a log of all trends, by tags ---------------------------------------------------------------
const began = 1795225389.042;
const log = read("all.hlog");
assert.deepStrictEqual(hdr.listTags(log).sort(),
                       ["basket", "http_req_duration", "http_req_duration_corrected"]);
const reader = new hdr.HistogramLogReader(log, 64);
const lines = log.split("\n").filter((line) => line.startsWith("Tag="));
let found = 0;
for (let next; (next = reader.nextIntervalHistogram()) !== null; ++found) {
  const expected = truth.recorded.find((each) =>
    each.metric === next.tag && Math.abs(began + each.second - next.startTimeStampMsec / 1000) < 0.01);
  assert(expected, `${next.tag} at ${next.startTimeStampMsec}`);
  assertSame(next, histogramOf(expected.values), `${next.tag} at ${expected.second}`);
  assert.strictEqual(next.endTimeStampMsec - next.startTimeStampMsec, 1000);
  // The maximum that the line says is exact, in milliseconds (or the trend's own unit).
  const most = Number(lines[found].split(",")[3]);
  assert(Math.abs(most - Math.max(...expected.values) / 1e6) < 0.0006, lines[found]);
}
assert.strictEqual(found, truth.recorded.length);
assert(Math.abs(reader.startTimeSec - began) < 0.001);

// ---- a log of one series over the whole run, without a tag --------------------------------------
const single = new hdr.HistogramLogReader(read("one.hlog"), 64);
const whole = single.nextIntervalHistogram();
assert.strictEqual(single.nextIntervalHistogram(), null);
assert(!whole.tag || whole.tag === "NO TAG", whole.tag);
const steps = truth.names.length;
const plain = truth.recorded.filter((each) => each.metric === "http_req_duration")
  .flatMap((each) => each.values.filter((_, i) => i % steps === 0));
assertSame(whole, histogramOf(plain), "one series");
assert.strictEqual(whole.endTimeStampMsec - whole.startTimeStampMsec, 5000);

// ---- the percentile distribution ----------------------------------------------------------------
const corrected = truth.recorded.filter((each) => each.metric === "http_req_duration_corrected")
  .flatMap((each) => each.values);
const ours = read("main.hgrm").split("\n");
const theirs = histogramOf(corrected).outputPercentileDistribution(5, 1e6).split("\n");
const rows = (text) => text.filter((line) => /^ *[\d.]+ +[\d.]+ +\d+/.test(line))
  .map((line) => line.trim().split(/ +/).map(Number));
const [a, b] = [rows(ours), rows(theirs)];
assert.strictEqual(a.length, b.length);
assert(a.length > 30);
const most = Math.max(...corrected) / 1e6;
a.forEach((row, i) => {
  assert.deepStrictEqual(row.slice(1), b[i].slice(1), `line ${i}`);
  // Theirs is the upper end of the bucket; ours as well, but for the largest, which is exact.
  assert(Math.abs(row[0] - Math.min(b[i][0], most)) < 0.006, `${row} and ${b[i]}`);
});
assert.strictEqual(ours[ours.length - 2], "#[Buckets =           45, SubBuckets     =          256]");
assert(theirs.some((line) => line.startsWith("#[Buckets =           45, SubBuckets     =          256]")));
console.log(`${found} intervals, ${a.length} lines of percentiles`);
