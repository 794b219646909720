// The report's page in headless Chromium: the numbers on it are those of the JSON, nothing in the
// data can do anything, nothing is loaded.
//   node page_test.mjs PAGE_MAKER
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const skip = why => { console.log(`skipped: ${why}`); process.exit(77); };
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .find(existsSync);
if (!chromium) skip('there is no Chromium');
const puppeteer = await import('puppeteer-core').catch(() => null);
if (!puppeteer) skip('web/node_modules has no puppeteer-core: scripts/web.sh test');

const maker = process.argv[2], folder = mkdtempSync(join(tmpdir(), 'gend-page-'));

function make(what, input) {
  const ran = spawnSync(maker, [what], {input, maxBuffer: 1 << 28});
  assert.equal(ran.status, 0, `${maker} ${what}: ${ran.stderr}`);
  return ran.stdout.toString();
}

let files = 0;
function fileOf(html) {
  const file = join(folder, `${++files}.html`);
  writeFileSync(file, html);
  return file;
}

const browser = await puppeteer.launch({executablePath: chromium, headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']});

// Opens a page and collects what it does besides being one.
async function open(html, {width = 1280, height = 900} = {}) {
  const page = await browser.newPage();
  const seen = {errors: [], requests: [], dialogs: 0};
  const url = pathToFileURL(fileOf(html)).href;
  page.on('pageerror', error => seen.errors.push(String(error)));
  page.on('request', request => { if (request.url() !== url) seen.requests.push(request.url()); });
  page.on('dialog', dialog => { ++seen.dialogs; dialog.dismiss(); });
  await page.setViewport({width, height});
  await page.goto(url);
  return {page, seen};
}

const at = (json, pointer) => pointer.split('/').slice(1).reduce((value, key) =>
  value?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], json);

// What a text of a number says, read back without the page's own code; in the unit of the data.
const units = {'': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, ' B': 1, ' kB': 1e3, ' MB': 1e6, ' GB': 1e9,
               ' TB': 1e12, '/s': 1, 'k/s': 1e3, 'M/s': 1e6, 'G/s': 1e9, ' B/s': 1, ' kB/s': 1e3,
               ' MB/s': 1e6, ' GB/s': 1e9, '%': 0.01, ' pp': 0.01};
const times = {ns: 1e-6, 'µs': 1e-3, ms: 1, s: 1000};
function saysValue(words, value) {
  const text = words.replace(/^\+/, '').replace(/^−/, '-');
  const near = (said, digits) => Math.abs(said - value) <= Math.abs(value) * 10 ** -digits / 2 * 1.02
    + 1e-12;
  if (text === String(value)) return true;
  if (/^[<>]/.test(text)) return text === '<0.01%' ? value > 0 && value < 1e-4 : value > 0.9999;
  const clock = /^(?:(\d+)h)?(\d+)m(\d\d)s$/.exec(text);
  if (clock) {
    const s = Number(clock[1] ?? 0) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
    return [value, value / 1000].some(v => Math.abs(s - v) <= 0.5001);
  }
  const colons = /^(?:(\d+):)?(\d+):(\d\d(?:\.\d+)?)$/.exec(text);
  if (colons) {
    const s = Number(colons[1] ?? 0) * 3600 + Number(colons[2]) * 60 + Number(colons[3]);
    return Math.abs(s - value) <= 0.00051;
  }
  const parts = /^(-?[\d,]*\.?\d+)(.*)$/.exec(text);
  if (!parts) return false;
  const n = Number(parts[1].replaceAll(',', '')), unit = parts[2];
  const decimals = (parts[1].split('.')[1] ?? '').length;
  const half = 0.5 * 10 ** -decimals * 1.0001;
  if (unit in times)  // in ms, or in s
    return [value, value * 1000].some(ms => Math.abs(n - ms / times[unit]) <= half);
  if (unit in units && Math.abs(n - value / units[unit]) <= half) return true;
  return unit === '%' && Math.abs(n - value) <= half || near(n, 3);
}

const tests = [];
const test = (name, run) => tests.push([name, run]);

const json = JSON.parse(make('sample-json'));
const sample = make('sample');

const row = more => ({metric: 'http_req_duration', tags: {}, statistic: 'p(95)', type: 'trend',
  contains: 'time', judged: true, before: 100, after: 121.5, difference: 21.5, tolerance: 10,
  verdict: 'worse', interval: [18.25, 24], ratio: 1.215, ...more});
const comparison = {
  verdict: 'worse', words: '1 of 3 judged quantities is worse',
  before: {id: '20261120-1-x', name: 'x', plan: 'x.yaml', started: '2026-11-20T01:00:00.000Z',
           version: '0.1.0', state: 'finished', generator: 'CLEAN', elapsed_s: 60},
  after: {id: '20261121-1-x', elapsed_s: 60}, length_s: 60, cell_s: 1, cells: 60, confidence: 0.95,
  judged: 3, objections: ['the variable A was "1" and then "2"'], notes: ['cut to the shorter one'],
  rows: [row(), row({metric: 'http_req_failed', statistic: 'rate', type: 'rate', contains: 'default',
                     before: 0.01, after: 0.0095, difference: -0.0005, tolerance: 0.001,
                     verdict: 'same', interval: [-0.0008, 0.0002], ratio: 0.95}),
         row({metric: 'http_reqs', statistic: 'per second', type: 'counter', contains: 'default',
              before: 950, after: 1200, difference: 250, verdict: 'better', tolerance: 95,
              interval: [200, 300], ratio: 1.263}),
         row({metric: 'gen_lag', judged: false, tags: {scenario: '<b>'}, verdict: 'unsure',
              interval: undefined, why: 'fewer than 100 samples'})]};

const figuresOf = page => page.evaluate(() => [...document.querySelectorAll('data')].map(element =>
  [element.dataset.at, element.value, element.textContent]));

async function openAll(page) {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  await page.waitForFunction(() => [...document.querySelectorAll('details.numbers')]
    .every(details => details.querySelector('table')));
}

test('every number on the page is the one of the JSON, and says it', async () => {
  const {page, seen} = await open(sample);
  await openAll(page);
  const figures = await figuresOf(page);
  assert.ok(figures.length > 300, `only ${figures.length} numbers`);
  for (const [pointer, value, text] of figures) {
    const exact = at(json, pointer);
    assert.equal(typeof exact, 'number', `${pointer} is no number of the JSON`);
    assert.equal(Number(value), exact, pointer);
    assert.ok(saysValue(text, exact), `${pointer}: ${exact} is shown as ${text}`);
  }
  assert.deepEqual(seen, {errors: [], requests: [], dialogs: 0});
  await page.close();
});

// Every number below these places.
function numbersBelow(value, pointer, found = []) {
  if (typeof value === 'number') found.push(pointer);
  else if (value !== null && typeof value === 'object')
    for (const [key, inside] of Object.entries(value))
      numbersBelow(inside, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, found);
  return found;
}

test('a drift and a leak are told with their bounds, or that there is not enough evidence',
     async () => {
  const data = structuredClone(json);
  const steady = more => ({ok: false, has_data: true, steady_s: [60, 3600], ...more});
  data.summary.metrics = {
    http_req_duration: {type: 'trend', contains: 'time', values: {}, thresholds: {
      'drift(p(95))<0.1': steady({value: 0.213, interval: [0.18, 0.245], seen_s: 3540}),
      'drift(avg)<0.1': steady({ok: true, value: 0})}},
    gen_memory: {type: 'gauge', contains: 'data', values: {}, thresholds: {
      'leak<1048576': steady({value: 52428800, interval: [50e6, 54e6], seen_s: 3540})}}};
  const {page, seen} = await open(make('page', JSON.stringify(data)));
  const cells = await page.$$eval('#thresholds tbody tr', rows =>
    rows.map(row => row.cells[3].innerText.replace(/\s+/g, ' ')));
  assert.deepEqual(cells, ['+21.3% in 59m00s surely +18.0% to +24.5%',
                           '+52.4 MB an hour in 59m00s surely +50.0 MB to +54.0 MB',
                           'not enough evidence, so it holds']);
  assert.deepEqual(seen.errors, []);
  await page.close();
});

test('nothing that counts is left out', async () => {
  const {page} = await open(sample);
  await openAll(page);
  const shown = new Set((await figuresOf(page)).map(([pointer]) => pointer));
  const wanted = [];
  const {summary, timeline} = json;
  summary.http.forEach((step, i) => {
    for (const key of ['count', 'rate', 'failed_rate']) wanted.push(`/summary/http/${i}/${key}`);
    for (const key of ['med', 'p(95)', 'p(99)', 'max'])
      wanted.push(`/summary/http/${i}/${summary.run.open_model ? 'corrected' : 'service'}/${key}`);
  });
  for (const [name, error] of Object.entries(summary.errors))
    wanted.push(...numbersBelow(error, `/summary/errors/${name}`));
  wanted.push(...numbersBelow(summary.root_group.checks, '/summary/root_group/checks'));
  for (const [name, metric] of Object.entries(summary.metrics))
    for (const [source, threshold] of Object.entries(metric.thresholds ?? {}))
      wanted.push(`/summary/metrics/${name}/thresholds/${source}/`
                  + ('worst' in threshold ? 'worst' : 'value'));
  for (const key of ['planned', 'started', 'completed']) wanted.push(`/summary/run/work/${key}`);
  for (const key of ['planned', 'started', 'completed', 'requests', 'failed', 'users', 'dropped',
                     'busiest_percent', 'memory_bytes', 'lag_p99_ms'])
    if (timeline.series[key])
      wanted.push(...numbersBelow(timeline.series[key], `/timeline/series/${key}`));
  wanted.push(...timeline.errors.flatMap((error, i) =>
    numbersBelow(error.counts, `/timeline/errors/${i}/counts`)));
  const leading = summary.run.open_model ? 'http_req_duration_corrected' : 'http_req_duration';
  const i = timeline.latency.findIndex(latency => latency.metric === leading);
  for (const key of ['count', 'p50', 'p95', 'p99', 'max'])
    wanted.push(...numbersBelow(timeline.latency[i][key], `/timeline/latency/${i}/${key}`));
  for (const key of ['share', 'busiest_second', 'requests_per_second'])
    wanted.push(`/summary/generator/ceiling/${key}`);
  assert.ok(wanted.length > 100);
  assert.deepEqual(wanted.filter(pointer => !shown.has(pointer)), []);
  await page.close();
});

test('the difference to a baseline is told as it was computed, with its interval and verdict',
     async () => {
  const data = structuredClone({...json, comparison});
  const {page, seen} = await open(make('page', JSON.stringify(data)));
  await openAll(page);
  const figures = (await figuresOf(page)).filter(([pointer]) => pointer.startsWith('/comparison'));
  for (const [pointer, value, text] of figures) {
    assert.equal(Number(value), at(data, pointer), pointer);
    assert.ok(saysValue(text, at(data, pointer)), `${pointer}: ${value} is shown as ${text}`);
  }
  const shown = new Set(figures.map(([pointer]) => pointer));
  for (let i = 0; i < 4; ++i)
    for (const key of ['before', 'after', 'difference', ...i < 3 ? ['interval/0', 'interval/1'] : []])
      assert.ok(shown.has(`/comparison/rows/${i}/${key}`), `${i} ${key}`);
  const verdicts = await page.$$eval('#comparison tbody td:last-child', all =>
    all.map(cell => cell.textContent));
  assert.deepEqual(verdicts, ['✗ worse', '= same', '✓ better', '? unsure']);
  const all = await page.$eval('#comparison', element => element.innerText);
  for (const words of ['1 of 3 judged quantities is worse', '+21.5 %', 'fewer than 100 samples',
                       'gen_lag{scenario:<b>}', 'compared anyway', 'cut to the shorter one'])
    assert.ok(all.includes(words), words);
  assert.deepEqual(seen, {errors: [], requests: [], dialogs: 0});
  await page.close();
});

test('what compare computes is what the page tells', async () => {
  const html = make('compared');
  const data = JSON.parse(html.split('id="data">')[1].split('</script>')[0]);
  const {page, seen} = await open(html);
  await openAll(page);
  const figures = (await figuresOf(page)).filter(([pointer]) => pointer.startsWith('/comparison'));
  assert.ok(figures.length > 20, `only ${figures.length}`);
  for (const [pointer, value, text] of figures) {
    assert.equal(Number(value), at(data, pointer), pointer);
    assert.ok(saysValue(text, at(data, pointer)), `${pointer}: ${value} is shown as ${text}`);
  }
  assert.match(await page.$eval('#comparison', element => element.innerText), /✗ worse/);
  assert.deepEqual(seen, {errors: [], requests: [], dialogs: 0});
  await page.close();
});

// Strings that would do something if anybody let them, in the place of every text there is.
const hostile = [
  '<img src=x onerror="window.hacked=1">', '</script><script>window.hacked=1</script>',
  '"><svg onload=window.hacked=1>', '<!--', '<a href="javascript:window.hacked=1">x</a>',
  '\u202egnp.exe', '{{data}}', '\u2028window.hacked=1', '__proto__', 'constructor', '\u0000\u0007',
  '<style>*{display:none}</style>', '&lt;b&gt;', '$&$`', 'x'.repeat(5000)];

function poisoned(value, next, keys) {
  if (typeof value === 'string') return next();
  if (Array.isArray(value)) return value.map(inside => poisoned(inside, next, false));
  if (value === null || typeof value !== 'object') return value;
  const named = ['metrics', 'errors', 'statuses', 'vars', 'thresholds', 'tags'];
  const made = Object.entries(value).map(([key, inside]) =>
    [keys ? key + next() : key, poisoned(inside, next, named.includes(key))]);
  return Object.fromEntries(made);
}

test('no name, body or text of a plan or a server can become anything but text', async () => {
  for (let shift = 0; shift < hostile.length; ++shift) {
    let i = shift;
    const data = poisoned({...json, comparison}, () => hostile[i++ % hostile.length], false);
    data.summary.samples.failed = [{error: 'x', body: hostile[shift], request: hostile[shift],
                                    name: hostile[shift], failed_check: hostile[shift]}];
    const {page, seen} = await open(make('page', JSON.stringify(data)));
    await openAll(page);
    const found = await page.evaluate(() => ({
      hacked: window.hacked ?? null, scripts: document.scripts.length,
      strange: document.querySelectorAll('img, svg, iframe, object, embed, link, base, form')
        .length,
      links: [...document.links].filter(link => !link.getAttribute('href').startsWith('#')).length,
      styles: document.querySelectorAll('style').length,
      text: document.body.innerText.includes('<img src=x onerror="window.hacked=1">'),
      hidden: getComputedStyle(document.querySelector('main')).display === 'none',
      turned: document.querySelector('main').textContent.includes('\u202e')}));
    assert.deepEqual(found, {hacked: null, scripts: 2, strange: 0, links: 0, styles: 1,
                             text: true, hidden: false, turned: false});
    assert.deepEqual(seen, {errors: [], requests: [], dialogs: 0});
    await page.close();
  }
});

test('a script or a request that is not the page\'s own is refused by its policy', async () => {
  const {page} = await open(sample);
  const refused = await page.evaluate(async () => {
    const violations = new Set();
    document.addEventListener('securitypolicyviolation', event =>
      violations.add(event.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.hacked = 1';
    document.body.append(script);
    const image = document.createElement('img');
    image.src = 'http://127.0.0.1:9/x.png';
    document.body.append(image);
    await fetch('http://127.0.0.1:9/').catch(() => null);
    // They are told some time later.
    for (let waited = 0; violations.size < 3 && waited < 10000; waited += 20)
      await new Promise(resolve => setTimeout(resolve, 20));
    return {hacked: window.hacked ?? null, violations: [...violations].sort()};
  });
  assert.equal(refused.hacked, null);
  assert.deepEqual(refused.violations, ['connect-src', 'img-src', 'script-src-elem']);
  await page.close();
});

test('data of another shape make a page with less on it, never none', async () => {
  const shapes = [{}, {summary: null}, {summary: []}, {summary: {run: 1, metrics: 'x', http: {}}},
    {summary: {metrics: {a: null, b: {thresholds: {'p(95)<1': null}}}}, timeline: {from_s: []}},
    {summary: json.summary, timeline: {from_s: [0], to_s: [1]}},
    {summary: json.summary, timeline: {from_s: 1, to_s: null, series: 3, latency: [{}]}},
    {summary: {...json.summary, http: [null, 1, 'x', {}], events: [{}], samples: {slow: [{}]}}},
    {timeline: json.timeline}];
  for (const shape of shapes) {
    const {page, seen} = await open(make('page', JSON.stringify(shape)));
    assert.equal(await page.$$eval('h1', all => all.length), 1, JSON.stringify(shape).slice(0, 80));
    assert.deepEqual(seen.errors, [], JSON.stringify(shape).slice(0, 80));
    await page.close();
  }
});

test('the length of the points is the usual one, also where the generator stood still', async () => {
  for (const [from_s, to_s, said] of [[[0, 1, 2], [1, 2, 3], '3 points of 1.00s'],
                                      [[0, 1, 2, 5], [1, 2, 5, 5.4], '4 points, most of 1.00s']]) {
    const shape = {summary: json.summary, timeline: {from_s, to_s}};
    const {page} = await open(make('page', JSON.stringify(shape)));
    const words = await page.$eval('#charts .words', words => words.textContent);
    assert.equal(words.split(' · ')[0], said);
    await page.close();
  }
});

test('the verdict stands first, in words, in the title too', async () => {
  for (const [code, words] of [[0, 'Passed'], [99, 'Failed'], [105, 'Stopped'], [95, 'Lost'],
                               [108, 'Aborted by the plan'], [104, 'Not run (exit 104)']]) {
    const data = structuredClone(json);
    Object.assign(data.summary.run, {exit_code: code, state: 'finished'});
    const {page} = await open(make('page', JSON.stringify(data)));
    assert.equal(await page.title(), `${words}: ${json.summary.run.name}`);
    assert.equal(await page.$eval('main > :first-child h1 strong', strong => strong.textContent),
                 words);
    await page.close();
  }
});

test('keys move the cursor of a chart, zoom all charts and sort tables; nothing needs a mouse',
     async () => {
  const {page} = await open(sample);
  await page.focus('#chart-load .plot');
  await page.keyboard.press('ArrowRight');
  const said = await page.$eval('#chart-load .said', element => element.textContent);
  assert.match(said, /planned .*started/);
  // The first and the last moment that the axis of a chart names.
  const span = () => page.$eval('#chart-users .plot', plot => plot.dataset.span);
  const whole = await span();
  await page.keyboard.press('+');
  assert.notEqual(await span(), whole);
  await page.keyboard.press('0');
  assert.equal(await span(), whole);
  await page.focus('#steps thead th:nth-child(2) button');
  await page.keyboard.press('Enter');
  const counts = await page.$$eval('#steps tbody tr td:nth-child(2) data', all =>
    all.map(element => Number(element.value)));
  assert.deepEqual(counts, [...counts].sort((a, b) => b - a));
  await page.close();
});

const luminance = hex => {
  const [r, g, b] = hex.match(/\w\w/g).slice(0, 3).map(part => parseInt(part, 16) / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
};

test('text is readable in both themes (WCAG AA), curves are told from the ground', async () => {
  for (const theme of ['light', 'dark']) {
    const {page} = await open(sample);
    await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: theme}]);
    const colour = name => page.evaluate(n => getComputedStyle(document.documentElement)
      .getPropertyValue(n).trim(), name);
    for (const name of ['--text', '--faint', '--good', '--bad', '--warn', '--link'])
      for (const ground of ['--ground', '--card'])
        assert.ok(contrast(await colour(name), await colour(ground)) >= 4.5, `${theme} ${name}`);
    for (const tone of ['good', 'bad', 'warn'])
      assert.ok(contrast(await colour(`--${tone}`), await colour(`--${tone}-ground`)) >= 4.5, tone);
    for (let i = 1; i <= 8; ++i)
      assert.ok(contrast(await colour(`--c${i}`), await colour('--card')) >= 3, `${theme} ${i}`);
    await page.close();
  }
});

test('it fits a phone, and goes on paper', async () => {
  const {page, seen} = await open(sample, {width: 360, height: 740});
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360);
  const pdf = await page.pdf({format: 'A4'});
  assert.equal(Buffer.from(pdf.subarray(0, 5)).toString(), '%PDF-');
  assert.deepEqual(seen.errors, []);
  await page.close();
});

test('eight hours of 200 series are a page like any other', async () => {
  const html = make('long');
  assert.ok(html.length < 4e6, `${html.length} bytes`);
  const began = performance.now();
  const {page, seen} = await open(html);
  await page.waitForSelector('.plot canvas');
  console.log(`  ${(html.length / 1e6).toFixed(2)} MB, open after `
              + `${Math.round(performance.now() - began)} ms`);
  assert.deepEqual(seen.errors, []);
  await page.close();
});

let failed = 0;
for (const [name, run] of tests) {
  try {
    await run();
    console.log(`ok: ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAILED: ${name}\n  ${error.stack.split('\n').slice(0, 12).join('\n  ')}`);
  }
}
await browser.close();
rmSync(folder, {recursive: true, force: true});
console.log(`${tests.length - failed} of ${tests.length} passed`);
process.exit(failed > 0 ? 1 : 0);
