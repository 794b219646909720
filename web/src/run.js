// What ran: work, checks, flows, groups, metrics of the plan, everything measured; the generator,
// the host, the plan itself.
import {figure, h, section} from './dom.js';
import {facts, table} from './table.js';
import {trendCells, trendHeads} from './requests.js';
import * as words from './words.js';

const n = place => figure(place, words.grouped);

export function events(summary) {
  const rows = summary.go('events').members.map((event, i) => [
    String(i + 1), figure(event.go('at_s'), words.moment), event.go('what').text,
    event.go('by').text]);
  return section('events', 'Events', 'what people did to the run', table('Events',
    [{head: '', text: true}, {head: 'at'}, {head: 'what', text: true}, {head: 'by', text: true}],
    rows, {sortable: false}));
}

// Stretches of time in which many requests failed, and whether that passed.
export function troubles(timeline) {
  const rows = timeline.go('troubles').members.map(trouble => ({
    bad: !trouble.go('recovered').truth,
    cells: [[figure(trouble.go('from_s'), words.moment), ' to ',
             figure(trouble.go('to_s'), words.moment)],
            n(trouble.go('failed')), n(trouble.go('tried')),
            trouble.go('recovered').truth ? '✓ recovered' : '✗ until the end']}));
  return section('troubles', 'Troubles',
    'from the first moment in which at least 1 % of the requests and sessions failed, until three '
    + 'moments were better', table('Troubles', [{head: 'when', text: true}, {head: 'failed'},
      {head: 'of'}, {head: '', text: true}], rows));
}

export function checks(summary) {
  const rows = summary.go('root_group', 'checks').members.map(check => {
    const passes = check.go('passes'), fails = check.go('fails');
    const reached = passes.number + fails.number > 0;
    return {bad: fails.number > 0, cells: [check.go('name').text, n(passes), n(fails),
      reached ? (fails.number === 0 ? '✓' : '✗') : 'never reached']};
  });
  return section('checks', 'Checks', null, table('Checks', [{head: 'check', text: true},
    {head: 'passed'}, {head: 'failed'}, {head: '', text: true}], rows));
}

export function flows(summary) {
  const rows = summary.go('picks').members.flatMap(pick => pick.go('flows').members.map(flow => [
    flow.go('flow').text, pick.go('scenario').text, figure(flow.go('asked'), words.percent),
    figure(flow.go('share'), words.percent), n(flow.go('count'))]));
  const groups = summary.go('groups').members.map(group => [
    group.go('group').text, group.go('scenario').text, n(group.go('duration', 'count')),
    ...trendCells(group.go('duration'))]);
  return section('flows', 'Flows and groups', null,
    table('Flows chosen by weight', [{head: 'flow', text: true}, {head: 'scenario', text: true},
      {head: 'asked'}, {head: 'ran'}, {head: 'count'}], rows),
    groups.length > 0 && h('h3', {}, 'Groups'),
    table('One pass through all steps of a group', [{head: 'group', text: true},
      {head: 'scenario', text: true}, {head: 'count'}, ...trendHeads.map(head => ({head}))],
      groups));
}

const workKeys = ['planned', 'started', 'completed', 'dropped', 'interrupted', 'under_way',
                  'waiting', 'unaccounted'];

export function work(summary) {
  const run = summary.go('run'), all = run.go('work');
  const shown = workKeys.filter((key, i) => i < 3 || all.go(key).number > 0);
  const scenarios = run.go('scenarios').members;
  const row = (name, of, detail) => ({detail, cells: [name, ...shown.map(key => n(of.go(key)))]});
  const rows = scenarios.map(scenario => row(scenario.go('name').text, scenario,
    [scenario.go('executor').text, ' · ', scenario.go('steps').text, ' · ',
     figure(scenario.go('start_time_s'), words.moment), ' + ',
     figure(scenario.go('duration_s'), words.seconds)]));
  if (scenarios.length !== 1) rows.push(row('all', all));
  const reasons = [['no_user', 'dropped: every user was busy until the scenario ended (maxVUs)'],
    ['stopped', 'dropped: due before the run was stopped, not begun any more'],
    ['no_time', 'dropped: iterations that maxDuration left no time for']]
    .filter(([key]) => all.go('dropped_reasons', key).number > 0)
    .map(([key, why]) => h('li', {}, n(all.go('dropped_reasons', key)), ' ', why));
  if (all.go('unaccounted').number > 0)
    reasons.push(h('li', {class: 'bad'}, 'What is unaccounted for is an error of gend itself: '
      + 'please report it.'));
  return section('work', 'Work', 'iterations as the plan wanted them and as they went',
    table('Work by scenario', [{head: 'scenario', text: true},
      ...shown.map(head => ({head: head.replace('_', ' ')}))], rows),
    reasons.length > 0 && h('ul', {class: 'callouts'}, reasons));
}

function valueCells(metric) {
  const values = metric.go('values'), contains = metric.go('contains').text;
  const type = metric.go('type').text;
  const level = contains === 'data' ? words.bytes
    : value => Number.isInteger(value) && value >= 0 ? words.grouped(value) : words.count(value);
  if (type === 'trend')
    return ['count', 'avg', 'med', 'p(95)', 'p(99)', 'max'].map(key => [`${key} `,
      figure(values.go(key), key === 'count' ? words.grouped
        : contains === 'time' ? words.milliseconds : words.count)]);
  if (type === 'rate')
    return [figure(values.go('rate'), words.percent), [figure(values.go('passes'), words.grouped),
      ' yes'], [figure(values.go('fails'), words.grouped), ' no']];
  if (type === 'gauge') return ['value', 'min', 'max'].map(key => [`${key} `,
    figure(values.go(key), level)]);
  return [figure(values.go('count'), level),
          figure(values.go('rate'), contains === 'data' ? words.byteRate : words.rate)];
}

export function everything(summary) {
  const rows = summary.go('metrics').entries.map(([name, metric]) => [
    h('code', {}, name), metric.go('type').text,
    h('span', {class: 'values'}, valueCells(metric).map(cell => h('span', {}, cell)))]);
  return rows.length > 0 && section('metrics', 'Everything measured', null,
    h('details', {}, h('summary', {}, `${rows.length} metrics`), table('Metrics',
      [{head: 'metric', text: true}, {head: 'kind', text: true}, {head: 'values', text: true}],
      rows)));
}

// At what share of this host's ceiling it ran; nothing where the host was not calibrated.
function ceilingOf(made) {
  const ceiling = made.go('ceiling');
  if (!(ceiling.go('requests_per_second').number > 0)) return false;
  const reasons = ceiling.go('stale_reasons').members.map(each => each.text).join(', ');
  return [figure(ceiling.go('share'), words.percent), ' (', n(ceiling.go('busiest_second')),
    '/s in the busiest second, of ', n(ceiling.go('requests_per_second')), '/s; calibrated ',
    ceiling.go('calibrated_at').text.slice(0, 10), ')',
    ...ceiling.go('stale').truth ? [' stale: ', reasons] : []];
}

export function generator(summary) {
  const made = summary.go('generator'), lag = made.go('lag_ms'), tls = summary.go('tls');
  const limits = made.go('host_limits').entries.filter(([, place]) => place.number > 0)
    .map(([name, place]) => [name, ' ', n(place), ' ']);
  return section('generator', 'The generator', made.go('verdict').text === 'CLEAN'
    ? 'It kept to its schedule: the numbers above are the server\'s, not its own.' : null,
    facts([
      ['verdict', made.go('verdict').text],
      ['behind schedule', lag.go('count').number > 0 && ['p99 ',
        figure(lag.go('p99'), words.milliseconds), ', p99.9 ',
        figure(lag.go('p999'), words.milliseconds), ', at most ',
        figure(lag.go('max'), words.milliseconds)]],
      ['busiest shard', [figure(made.go('cpu', 'busiest_percent'), words.tenth), '% (shard ',
        n(made.go('cpu', 'busiest_shard')), ' of ', n(made.go('shards')), '), ',
        figure(made.go('cpu', 'average_percent'), words.tenth), '% on average']],
      ['share of its ceiling', ceilingOf(made)],
      ['longest stall', figure(made.go('longest_stall_ms'), words.milliseconds)],
      ['memory', figure(made.go('memory_bytes'), words.bytes)],
      ['system calls', n(made.go('syscalls'))],
      ['connections', n(made.go('connections'))],
      ['limits of this host met', limits.length > 0 && limits],
      ['TLS handshakes', tls.go('handshakes').number > 0 && [n(tls.go('handshakes')), ', ',
        figure(tls.go('resumed_share'), words.percent), ' resumed']],
      ['host', made.go('host').text],
      ['ring', made.go('ring').text],
    ].map(([term, value]) => [term, value === false ? null : value])));
}

export function planOf(summary, planText) {
  const run = summary.go('run');
  const vars = run.go('vars').entries.map(([name, value]) => [h('code', {}, name),
                                                               h('code', {}, value.text)]);
  return section('plan', 'The plan', null,
    facts([['file', run.go('plan').text], ['run by', run.go('owner').text],
           ['seed', run.go('seed').isNumber && h('code', {}, figure(run.go('seed'), String))],
           ['gend', run.go('version').text]].map(([t, v]) => [t, v === false ? null : v])),
    vars.length > 0 && h('details', {}, h('summary', {}, words.counted(vars.length, 'variable')),
      table('Variables', [{head: 'name', text: true}, {head: 'value', text: true}], vars)),
    planText && h('details', {}, h('summary', {}, 'The plan as it ran, secrets masked'),
      h('pre', {class: 'plan'}, planText)));
}
