// What a person wants to know first: did it pass, can it be believed, and by how much.
import {figure, h, section} from './dom.js';
import {table} from './table.js';
import * as words from './words.js';

// Exit codes of include/gend/exit_code.h.
const tones = {
  0: ['good', '✓', 'Passed'],
  90: ['bad', '✗', 'Generator saturated'],
  95: ['bad', '✗', 'Lost'],
  99: ['bad', '✗', 'Failed'],
  105: ['warn', '■', 'Stopped'],
  108: ['bad', '✗', 'Aborted by the plan'],
};

export function toneOf(run) {
  const state = run.go('state').text;
  if (!['', 'finished', 'failed', 'interrupted'].includes(state)) return ['warn', '…', 'So far'];
  const code = run.go('exit_code').number;
  return tones[code] ?? ['bad', '✗', `Not run (exit ${code})`];
}

const toneOfGenerator = verdict =>
  verdict === 'CLEAN' ? 'good' : verdict === 'SUSPECT' ? 'warn' : 'bad';

export function thresholdsOf(summary) {
  return summary.go('metrics').entries.flatMap(([name, metric]) =>
    metric.go('thresholds').entries.map(([source, threshold]) => ({name, source, metric,
                                                                   threshold})));
}

function thresholdWords(all) {
  const failed = all.filter(({threshold}) => !threshold.go('ok').truth).length;
  if (all.length === 0) return 'no thresholds';
  if (failed === 0) return all.length === 1 ? 'its threshold held'
                                            : `all ${all.length} thresholds held`;
  return `${failed} of ${words.counted(all.length, 'threshold')} failed`;
}

export function verdict(summary) {
  const run = summary.go('run'), generator = summary.go('generator', 'verdict').text;
  const [own, mark, name] = toneOf(run);
  // What a generator at its limit measured is no reason to be glad.
  const tone = own === 'good' && generator === 'SATURATED' ? 'warn' : own;
  return h('header', {class: `verdict ${tone}`, id: 'verdict'},
    h('p', {class: 'mark', 'aria-hidden': 'true'}, mark),
    h('div', {},
      h('h1', {}, h('strong', {}, name), ' ', h('span', {class: 'name'}, run.go('name').text)),
      h('p', {class: 'claims'},
        h('span', {}, thresholdWords(thresholdsOf(summary))), h('span', {}, 'generator ',
          h('strong', {class: toneOfGenerator(generator)}, generator || 'unknown'))),
      h('p', {class: 'when'}, run.go('end_reason').text || run.go('state').text, ' after ',
        figure(run.go('elapsed_s'), words.seconds), ' of ',
        figure(run.go('planned_s'), words.seconds),
        run.go('started_ms').isNumber && [' · began ', words.wall(run.go('started_ms').number)],
        ' · run ', h('span', {class: 'id'}, run.go('id').text))));
}

// What must not be overlooked: a run that was not the plan as written, a generator that was the
// limit, what was decided for the user.
export function callouts(summary) {
  const run = summary.go('run'), generator = summary.go('generator');
  const said = [];
  const say = (tone, ...text) => said.push(h('li', {class: tone}, text));
  const saturated = generator.go('verdict').text === 'SATURATED';
  if (saturated)
    say('bad', h('strong', {}, 'The generator was the limit. '),
        'These numbers describe it at least as much as they describe the server.');
  for (const finding of generator.go('findings').members)
    say(finding.go('severity').text === 'SATURATED' ? 'bad' : 'warn', finding.go('words').text);
  for (const warning of generator.go('warnings').members) say('warn', warning.text);
  for (const [key, what] of [['time_scale', 'Every duration was scaled by '],
                             ['load_scale', 'Every count and rate was scaled by ']]) {
    const scale = run.go(key);
    if (scale.isNumber && scale.value !== 1) say('warn', what, figure(scale, String));
  }
  if (run.go('segment').text) say('warn', 'Part ', run.go('segment').text, ' of the load.');
  if (run.go('insecure').truth) say('warn', 'Certificates of the target were not verified.');
  if (run.go('not_written').value)
    say('bad', 'Not all of this run could be stored: ', String(run.go('not_written').text ||
        JSON.stringify(run.go('not_written').value)));
  for (const note of run.go('notes').members) say('note', note.text);
  return said.length === 0 ? null : h('ul', {class: 'callouts', id: 'notes'}, said);
}

const sumOf = (places, key) => places.reduce((sum, place) => sum + place.go(key).number, 0);

function card(label, value, ...details) {
  return h('div', {class: 'card'}, h('dt', {}, label), h('dd', {}, h('b', {}, value),
           details.length > 0 && h('span', {class: 'detail'}, details)));
}

function latencyCard(label, values) {
  if (values.go('count').number === 0) return null;
  return card(`${label}, p95`, figure(values.go('p(95)'), words.milliseconds),
              'median ', figure(values.go('med'), words.milliseconds), ' · p99 ',
              figure(values.go('p(99)'), words.milliseconds));
}

// The latency that leads: from the intended moment where people come whether or not the server
// keeps up, from the first byte sent where they wait for it.
export function leadingLatency(summary) {
  return summary.go('run', 'open_model').truth ? ['http_req_duration_corrected', 'corrected']
                                               : ['http_req_duration', 'service'];
}

export function cards(summary) {
  const metric = name => summary.go('metrics', name, 'values');
  const shown = [];
  const requests = metric('http_reqs'), failed = metric('http_req_failed');
  if (requests.go('count').number > 0) {
    shown.push(card('Requests', figure(requests.go('count'), words.grouped),
                    figure(requests.go('rate'), words.rate)));
    shown.push(card('Failed', figure(failed.go('rate'), words.percent),
                    figure(failed.go('passes'), words.grouped), ' requests'));
    const [leading] = leadingLatency(summary);
    shown.push(latencyCard(leading.endsWith('corrected') ? 'Response time' : 'Service time',
                           metric(leading)));
  }
  const sessions = summary.go('sessions').members;
  if (sessions.length > 0)
    shown.push(card('Sessions', words.grouped(sumOf(sessions, 'opened')),
                    `${words.grouped(sumOf(sessions, 'connect_failed'))} failed to connect`));
  const delivery = summary.go('delivery', 'totals');
  if (!delivery.isEmpty) {
    shown.push(card('Deliveries that came', figure(delivery.go('reach'), words.percent),
                    figure(delivery.go('lost'), words.grouped), ' lost of ',
                    figure(delivery.go('expected'), words.grouped)));
    shown.push(latencyCard('Delivery', delivery.go('latency')));
  }
  const checks = metric('checks');
  if (checks.go('passes').number + checks.go('fails').number > 0)
    shown.push(card('Checks', figure(checks.go('rate'), words.percent),
                    figure(checks.go('fails'), words.grouped), ' failed'));
  const users = metric('vus');
  if (users.go('max').number > 0)
    shown.push(card('Users', figure(users.go('max'), words.grouped), 'at work at most'));
  return shown.length === 0 ? null : h('dl', {class: 'cards', id: 'figures'}, shown);
}

// Two digits behind the point: three significant ones would show 299.6 as 300 beside "<300".
export function measured(contains, source, type) {
  const is = name => source.startsWith(name);
  return value => {
    if (type === 'rate') return words.percent(value);
    if (contains === 'time')
      return value < 10000 ? `${value.toFixed(2)}ms` : `${(value / 1000).toFixed(2)}s`;
    if (contains === 'data') return is('rate') ? words.byteRate(value) : words.bytes(value);
    if (is('count') || is('value')) return String(Number(value.toPrecision(6)));
    return value.toFixed(2);
  };
}

// Of drift and leak: how a level changed while the load was steady, and between which bounds that is
// sure.
function changeCell({metric, source, threshold}) {
  const interval = threshold.go('interval');
  if (!interval.go(0).isNumber) return ['not enough evidence, so it holds'];
  const leaks = source.includes('leak');
  const size = n => {
    if (leaks) return metric.go('contains').text === 'data' ? words.bytes(n)
                                                            : String(Number(n.toPrecision(3)));
    return `${(n * 100).toFixed(1)}${metric.go('type').text === 'rate' ? ' pp' : '%'}`;
  };
  const signed = n => (n < 0 ? '−' : '+') + size(Math.abs(n));
  return [figure(threshold.go('value'), signed), leaks && ' an hour', ' in ',
          figure(threshold.go('seen_s'), words.seconds), h('div', {class: 'detail'}, 'surely ',
            figure(interval.go(0), signed), ' to ', figure(interval.go(1), signed))];
}

function overWords(threshold) {
  const window = threshold.go('window_s'), steady = threshold.go('steady_s');
  if (window.isNumber) return ['worst ', figure(window, words.seconds)];
  if (steady.go(0).isNumber)
    return ['steady load, ', figure(steady.go(0), words.moment), ' to ',
            figure(steady.go(1), words.moment)];
  return 'the whole run';
}

function measuredCell({metric, source, threshold}) {
  if (!threshold.go('steady_s').isEmpty) return changeCell({metric, source, threshold});
  const format = measured(metric.go('contains').text, source, metric.go('type').text);
  const worst = threshold.go('worst');
  const shown = worst.isNumber
    ? [figure(worst, format), ' at ', figure(threshold.go('worst_at_s'), words.seconds)]
    : [figure(threshold.go('value'), format)];
  if (threshold.go('has_data').value === false) shown.push(' no samples');
  return shown;
}

export function thresholds(summary) {
  const all = thresholdsOf(summary);
  const windows = all.some(each => each.threshold.go('window_s').isNumber
    || !each.threshold.go('steady_s').isEmpty);
  const rows = all.map(each => {
    const ok = each.threshold.go('ok').truth;
    return {bad: !ok, cells: [
      each.name,
      h('code', {}, each.source),
      ...windows ? [overWords(each.threshold)] : [],
      measuredCell(each),
      h('span', {class: `end ${ok ? 'good' : 'bad'}`}, ok ? '✓ held' : '✗ failed'),
    ]};
  });
  rows.sort((a, b) => Number(b.bad) - Number(a.bad));
  return section('thresholds', 'Thresholds', null, table('Thresholds',
    [{head: 'metric', text: true}, {head: 'wanted', text: true},
     ...windows ? [{head: 'over', text: true}] : [], {head: 'measured'}, {head: 'verdict', text: true}], rows));
}
