// The charts of a run, from its timeline (report/timeline.h). Counts are per point; curves of counts
// show them per second.
import {chart, forget, update} from './charts.js';
import {arrange, figure, h, section} from './dom.js';
import {heatSpec} from './heat.js';
import {leadingLatency} from './verdict.js';
import * as words from './words.js';

const names = new Map([
  ['http_req_duration_corrected', 'response time (corrected)'],
  ['http_req_duration', 'service time'], ['delivery_latency', 'deliveries'],
  ['ws_msg_duration', 'answers to messages'], ['sio_ack', 'acknowledgements'],
  ['sql_query_duration', 'SQL queries']]);
const nameOf = latency => names.get(latency.go('metric').text) ?? latency.go('metric').text;

const listOf = place => Array.isArray(place.value) ? place.value : [];

// Where the generator stood still, a point is longer than the others.
function pointsSaid({from, to}) {
  const lengths = from.map((at, i) => to[i] - at).sort((a, b) => a - b);
  const usual = lengths[lengths.length >> 1];
  return words.counted(from.length, 'point') + (lengths.at(-1) > usual * 1.5 ? ', most of ' : ' of ')
    + words.seconds(usual);
}

// `old` is the section that is on the page already, if there is one: what can stay of it stays.
export function charts(summary, timeline, old) {
  const from = listOf(timeline.go('from_s')), to = listOf(timeline.go('to_s'));
  if (from.length === 0 || from.length !== to.length) return null;
  const time = {from, to};
  const whole = [from[0], to.at(-1)];
  const marks = marksOf(summary, timeline, whole);
  const make = spec => {
    const there = old?.querySelector(`#chart-${spec.id}`);
    if (there && update(there, spec, time, marks, whole)) return there;
    if (there) forget(there);
    return chart(spec, time, marks, whole);
  };
  const book = new Book(timeline, time);
  const box = old?.querySelector('.latencies');
  const shown = [load(book, make), latencies(summary, timeline, book, make, box), users(book, make),
                 requests(book, make), errors(book, make), steps(timeline, book, make),
                 talk(book, make), generator(book, make), gauges(timeline, book, make)]
    .flat(Infinity).filter(Boolean);
  const said = pointsSaid(time)
    + ' · drag to zoom, double click for all · dotted: stages, numbered: events, shaded: troubles';
  if (!old) return section('charts', 'Over time', said, h('div', {class: 'charts'}, shown));
  for (const gone of old.querySelectorAll('figure'))
    if (!shown.some(each => each.contains(gone))) forget(gone);
  arrange(old.querySelector('.charts'), shown);
  old.querySelector('.words').textContent = said;
  return old;
}

function marksOf(summary, timeline, whole) {
  const stages = summary.go('facets').members.filter(facet => facet.go('tag').text === 'stage')
    .flatMap(facet => facet.go('values').members.flatMap(stage => [stage.go('from_s').number,
                                                                   stage.go('to_s').number]));
  return {stages: [...new Set(stages)].filter(s => s > whole[0] && s < whole[1]),
          events: summary.go('events').members.map(event => event.go('at_s').number),
          troubles: timeline.go('troubles').members.map(trouble =>
            ({from: trouble.go('from_s').number, to: trouble.go('to_s').number}))};
}

// What is in the timeline, as curves and as columns of numbers.
class Book {
  constructor(timeline, time) {
    this.timeline = timeline;
    this.time = time;
    this.lengths = time.from.map((from, i) => Math.max(1e-9, time.to[i] - from));
  }
  has(key) { return Array.isArray(this.timeline.go('series', key).value); }
  place(key) { return this.timeline.go('series', key); }
  // A count as a curve per second.
  perSecond(place, label, more = {}) {
    return {label, place, values: listOf(place).map((n, i) => n === null ? null
      : n / this.lengths[i]), ...more};
  }
  level(place, label, more = {}) { return {label, place, values: listOf(place), ...more}; }
  rate(key, label, more) { return this.has(key) && this.perSecond(this.place(key), label, more); }
  gauge(key, label, more) { return this.has(key) && this.level(this.place(key), label, more); }

  spec(id, title, series, format, {exact = words.grouped, ...more} = {}) {
    const there = series.filter(Boolean);
    if (there.length === 0) return null;
    const columns = [{head: 'from', cell: i => figure(this.timeline.go('from_s', i), words.moment)},
                     {head: 'to', cell: i => figure(this.timeline.go('to_s', i), words.moment)},
                     ...there.map(each => ({head: each.label, cell: i =>
                       figure(each.place.go(i), each.exact ?? exact)}))];
    return {id, title, series: there, format, numbers: {rows: this.time.from.length, columns},
            ...more};
  }
}

const made = (make, ...specs) => specs.filter(Boolean).map(make);

function load(book, make) {
  return made(make,
    book.spec('load', 'Load: iterations per second', [
      book.rate('planned', 'planned', {colour: '--faint', dash: [6, 4]}),
      book.rate('started', 'started', {colour: '--c1'}),
      book.rate('completed', 'completed', {colour: '--c3'}),
      book.rate('dropped', 'dropped', {colour: '--c4'})], words.rate, {wide: true}));
}

function users(book, make) {
  return made(make,
    book.spec('users', 'Users', [
      book.gauge('users', 'at work', {colour: '--c1', fill: '--fill'}),
      book.gauge('users_max', 'allocated', {colour: '--faint', dash: [6, 4]})], words.count));
}

// Percentiles and heat map of one metric; buttons choose among several.
function latencies(summary, timeline, book, make, old) {
  const all = timeline.go('latency').members;
  if (all.length === 0) return null;
  const [leading] = leadingLatency(summary);
  const metricOf = each => each.go('metric').text;
  const chosen = all.find(each => metricOf(each) === old?.shown.metric)
    ?? all.find(each => metricOf(each) === leading) ?? all[0];
  const shown = {metric: metricOf(chosen), scale: old?.shown.scale ?? 'log', all, book, make};
  const box = old ?? h('div', {class: 'wide latencies'});
  box.shown = shown;
  if (old) arrange(box, latencyFigures(box));
  else box.append(...latencyFigures(box));
  return box;
}

function latencyFigures(box) {
  const {all, metric, scale, book, make} = box.shown;
  const chosen = all.find(each => each.go('metric').text === metric);
  return latencyCharts(chosen, scale, book, make, toolbarOf(box));
}

function toolbarOf(box) {
  const button = (label, key, value) => h('button', {type: 'button', 'data-choice': value,
    'aria-pressed': String(box.shown[key] === value), onclick: () => {
      box.shown[key] = value;
      redraw(box, value);
    }}, label);
  const {all} = box.shown;
  return h('div', {class: 'toolbar'},
    all.length > 1 && h('span', {role: 'group', 'aria-label': 'metric'}, all.map(each =>
      button(nameOf(each), 'metric', each.go('metric').text))),
    h('span', {role: 'group', 'aria-label': 'scale'}, ['log', 'linear'].map(each =>
      button(each, 'scale', each))));
}

function redraw(box, focused) {
  for (const old of box.querySelectorAll('figure')) {
    forget(old);
    old.remove();
  }
  box.append(...latencyFigures(box));
  for (const figure of box.querySelectorAll('figure'))
    figure.entry.make(figure.entry.host.clientWidth);
  [...box.querySelectorAll('button')].find(each => each.dataset.choice === focused)?.focus();
}

function latencyCharts(metric, scale, book, make, toolbar) {
  const name = nameOf(metric);
  const level = (key, label, colour, more) => book.level(metric.go(key), label, {colour, ...more});
  const percentiles = book.spec('latency', `Latency over time: ${name}`, [
    level('max', 'max', '--faint', {thin: true}), level('p99', 'p99', '--c4'),
    level('p95', 'p95', '--c2'), level('p90', 'p90', '--c6', {thin: true}),
    level('p50', 'median', '--c1'),
  ], words.milliseconds, {wide: true, scale, toolbar, height: 300, exact: words.milliseconds});
  // A percentile of a moment is a number of its own; what went in is said with them.
  percentiles.numbers.columns.push({head: 'samples',
    cell: i => figure(metric.go('count', i), words.grouped)});
  const heat = metric.go('heat'), columns = listOf(heat.go('counts'));
  return made(make, percentiles,
              columns.length > 0 && columns.every(Array.isArray) && listOf(heat.go('rows_ms')).length > 1
                && heatSpec(heat, book.time, `Where the samples lie: ${name}`));
}

function requests(book, make) {
  return made(make, book.spec('requests', 'Requests per second', [
    book.rate('requests', 'requests', {colour: '--c1', fill: '--fill'}),
    book.rate('failed', 'failed', {colour: '--c4'}),
    book.rate('retries', 'tried again', {colour: '--c6'})], words.rate));
}

function errors(book, make) {
  const kinds = book.timeline.go('errors').members.map(kind =>
    book.perSecond(kind.go('counts'), kind.go('name').text));
  return made(make, book.spec('errors', 'Errors by kind, per second', kinds, words.rate,
                              {stack: true, words: 'stacked: the height is all of them'}));
}

const kCurves = 8;

function steps(timeline, book, make) {
  const shown = timeline.go('steps').members.slice(0, kCurves);
  if (shown.length < 2) return null;
  return made(make, book.spec('steps', 'p95 by step', shown.map(step =>
    book.level(step.go('p95'), `${step.go('method').text} ${step.go('name').text}`,
               {thin: true})), words.milliseconds, {scale: 'log', exact: words.milliseconds}));
}

function talk(book, make) {
  return made(make,
    book.spec('sessions', 'Sessions', [
      book.gauge('sessions_open', 'open', {colour: '--c1', fill: '--fill'})], words.count),
    book.spec('opened', 'Sessions per second', [
      book.rate('sessions_opened', 'opened', {colour: '--c1'}),
      book.rate('reconnects', 'opened again', {colour: '--c2'})], words.rate),
    book.spec('messages', 'Messages per second', [
      book.rate('messages_received', 'received', {colour: '--c1'}),
      book.rate('messages_sent', 'sent', {colour: '--c3'})], words.rate),
    book.spec('deliveries', 'Deliveries per second', [
      book.rate('delivered', 'delivered', {colour: '--c1', fill: '--fill'}),
      book.rate('lost', 'lost', {colour: '--c4'}), book.rate('late', 'late', {colour: '--c2'}),
      book.rate('duplicated', 'duplicated', {colour: '--c5'}),
      book.rate('reordered', 'reordered', {colour: '--c6'})], words.rate),
    book.spec('data', 'Data per second', [
      book.rate('received_bytes', 'received', {colour: '--c1'}),
      book.rate('sent_bytes', 'sent', {colour: '--c3'})], words.byteRate, {exact: words.bytes}));
}

const whole = value => `${words.tenth(value)}%`;

function generator(book, make) {
  return made(make,
    book.spec('cpu', 'Generator: busiest shard', [
      book.gauge('busiest_percent', 'busy', {colour: '--c5', fill: '--fill'})], whole,
      {top: 100, exact: whole}),
    book.spec('lag', 'Generator: behind schedule', [
      book.gauge('lag_max_ms', 'max', {colour: '--faint', thin: true}),
      book.gauge('lag_p99_ms', 'p99', {colour: '--c4'}),
      book.gauge('stall_ms', 'stall', {colour: '--c6', thin: true})], words.milliseconds,
      {scale: 'log', exact: words.milliseconds}),
    book.spec('memory', 'Generator: memory', [
      book.gauge('memory_bytes', 'resident', {colour: '--c5', fill: '--fill'})], words.bytes,
      {exact: words.bytes}));
}

// What was observed beside the load: the target, this host, the plan's own gauges.
function gauges(timeline, book, make) {
  const groups = new Map();
  for (const gauge of timeline.go('gauges').members) {
    const metric = gauge.go('metric').text;
    groups.set(metric, [...groups.get(metric) ?? [], gauge]);
  }
  return [...groups].map(([metric, list], i) => {
    const data = list[0].go('contains').text === 'data';
    const format = data ? words.bytes : list[0].go('contains').text === 'time'
      ? words.milliseconds : words.count;
    return made(make, book.spec(`gauge-${i}`, metric, list.slice(0, kCurves).map(gauge => {
      const tags = gauge.go('tags').entries.map(([, value]) => value.text).join(', ');
      return book.level(gauge.go('values'), tags || 'value');
    }), format, {exact: format}));
  });
}
