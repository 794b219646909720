// Requests: latency over the whole run, by step, by stage and tag; what went wrong.
import {figure, h, section} from './dom.js';
import {table} from './table.js';
import {leadingLatency} from './verdict.js';
import * as words from './words.js';

export const trendKeys = ['avg', 'min', 'med', 'p(90)', 'p(95)', 'p(99)', 'max'];
export const trendHeads = ['mean', 'min', 'median', 'p90', 'p95', 'p99', 'max'];

export const trendCells = (values, format = words.milliseconds, keys = trendKeys) =>
  keys.map(key => values.go('count').number > 0 ? figure(values.go(key), format)
                                                : h('span', {class: 'none'}, '–'));

const meanings = {
  http_req_duration_corrected: 'response time, from the moment the schedule wanted the request',
  http_req_duration: 'service time, from the first byte sent to the last received',
  http_req_blocked: 'waiting for a connection',
  http_req_connecting: 'making the TCP connection',
  http_req_tls_handshaking: 'the TLS handshake',
  http_req_sending: 'handing the request to the kernel',
  http_req_waiting: 'from the last byte sent to the first received',
  http_req_receiving: 'from the first byte received to the last',
  ws_connecting: 'WebSocket: connecting',
  ws_msg_duration: 'WebSocket: from a message to its answer',
  ws_ping: 'WebSocket: from ping to pong',
  sio_connecting: 'Socket.IO: opening a session',
  sio_upgrade: 'Socket.IO: upgrade to WebSocket',
  sio_ack: 'Socket.IO: from an event to its acknowledgement',
  delivery_latency: 'from sending a message to each delivery of it',
  delivery_spread: 'from the first to the last receiver of a message',
  iteration_duration: 'one whole iteration, think time included',
  sql_query_duration: 'one SQL query, answer included',
};

const closedWords = 'The plan is a closed model: its users wait for the server, so a slow server '
  + 'is asked less often and these figures flatter it.';
const openWords = 'Response time counts from the moment the schedule wanted the request: what '
  + 'users who come whether or not the server keeps up have waited.';

export function latency(summary) {
  const metrics = summary.go('metrics');
  const [leading] = leadingLatency(summary);
  const names = Object.keys(meanings).filter(name => name !== leading);
  const rows = [leading, ...names].flatMap(name => {
    const values = metrics.go(name, 'values');
    if (values.go('count').number === 0 || values.go('max').number === 0) return [];
    return [{detail: meanings[name],
             cells: [h('code', {}, name), figure(values.go('count'), words.grouped),
                     ...trendCells(values)]}];
  });
  const http = metrics.go('http_reqs', 'values', 'count').number > 0;
  const open = summary.go('run', 'open_model').truth;
  return section('latency', 'Times', http ? (open ? openWords : closedWords) : null,
    table('Times over the whole run', [{head: 'metric', text: true}, {head: 'samples'},
      ...trendHeads.map(head => ({head}))], rows, {sortable: false}));
}

function endsOf(step) {
  const ends = step.go('statuses').entries.map(([status, n]) => [status, n]);
  for (const [name, n] of step.go('errors').entries)
    if (!name.startsWith('status.')) ends.push([name, n]);
  if (step.go('retries').number > 0) ends.push(['tried again', step.go('retries')]);
  return ends;
}

const severalScenarios = places => new Set(places.map(p => p.go('scenario').text)).size > 1;

export const failedCell = place => {
  const cell = figure(place, words.percent);
  if (place.number > 0) cell.classList.add('bad');
  return cell;
};

const barOf = (values, most) => {
  const bar = h('span', {class: 'bar', 'aria-hidden': 'true'});
  bar.style.width = `${most > 0 ? Math.max(1, 100 * values.go('p(95)').number / most) : 0}%`;
  return values.go('count').number > 0 && bar;
};

function requestRows(places, latencyKey, label) {
  const most = Math.max(0, ...places.map(place => place.go(latencyKey, 'p(95)').number));
  return places.map(place => {
    const values = place.go(latencyKey);
    const cells = trendCells(values, words.milliseconds, ['med', 'p(95)', 'p(99)', 'max']);
    cells[1] = [cells[1], barOf(values, most)];
    return {...label(place), cells: [label(place).name, figure(place.go('count'), words.grouped),
      figure(place.go('rate'), words.rate), failedCell(place.go('failed_rate')), ...cells]};
  });
}

const requestColumns = name => [{head: name, text: true}, {head: 'requests'}, {head: 'per second'},
  {head: 'failed'}, {head: 'median'}, {head: 'p95'}, {head: 'p99'}, {head: 'max'}];

export function steps(summary) {
  const [, latencyKey] = leadingLatency(summary);
  const places = summary.go('http').members, several = severalScenarios(places);
  const rows = requestRows(places, latencyKey, step => {
    const ends = endsOf(step);
    const plainly = ends.length < 2 && step.go('errors').isEmpty;
    return {
      name: [h('span', {class: 'method'}, step.go('method').text), ' ', step.go('name').text,
             several && h('span', {class: 'of'}, ' ', step.go('scenario').text)],
      detail: !plainly && ends.map(([end, n]) =>
        h('span', {class: 'end'}, end, ' ×', figure(n, words.grouped), ' '))};
  });
  return section('steps', 'Steps', `latency: ${latencyKey}`,
                 table('Requests by step', requestColumns('step'), rows));
}

export function facets(summary) {
  const [, latencyKey] = leadingLatency(summary);
  const tables = summary.go('facets').members.map(facet => {
    const tag = facet.go('tag').text, places = facet.go('values').members;
    if (tag === 'stage' && places.length < 2) return null;
    const several = severalScenarios(places), folded = facet.go('folded').number;
    const rows = requestRows(places, latencyKey, row => {
      const value = row.go('value').text;
      const span = row.go('from_s').isNumber && [figure(row.go('from_s'), words.moment), ' to ',
                                                figure(row.go('to_s'), words.moment)];
      return {name: [value, folded > 0 && value === 'other'
                       && ` (${words.grouped(folded)} values together)`,
                     several && h('span', {class: 'of'}, ' ', row.go('scenario').text)],
              detail: span};
    });
    const shown = table(`Requests by ${tag}`, requestColumns(tag), rows);
    return shown && h('div', {}, h('h3', {}, `By ${tag}`), shown);
  });
  return section('tags', 'Stages and tags', `latency: ${latencyKey}`, tables);
}

export function errors(summary) {
  const rows = summary.go('errors').entries.map(([name, error]) => ({
    detail: error.go('sentence').text,
    cells: [h('code', {}, name), figure(error.go('count'), words.grouped),
            error.go('statuses').entries.map(([status, n]) =>
              h('span', {class: 'end'}, status, ' ×', figure(n, words.grouped), ' '))]}));
  const failed = summary.go('failed_iterations').members.map(row => [
    row.go('reason').text, row.go('scenario').text, figure(row.go('count'), words.grouped)]);
  const missed = summary.go('captures_missed').members.map(row => [
    row.go('capture').text, row.go('name').text, row.go('scenario').text,
    figure(row.go('count'), words.grouped)]);
  return section('errors', 'Errors', null,
    table('Errors by kind', [{head: 'error', text: true}, {head: 'count'},
                             {head: 'statuses', text: true}], rows),
    failed.length > 0 && [h('h3', {}, 'Iterations that ended before their last step'),
      table('Failed iterations', [{head: 'reason', text: true}, {head: 'scenario', text: true},
                                  {head: 'count'}], failed)],
    missed.length > 0 && [h('h3', {}, 'Captures that found nothing'),
      table('Captures missed', [{head: 'capture', text: true}, {head: 'step', text: true},
                                {head: 'scenario', text: true}, {head: 'count'}], missed)]);
}

const parts = [['blocked_ms', 'blocked'], ['connecting_ms', 'connect'], ['tls_ms', 'TLS'],
               ['sending_ms', 'send'], ['waiting_ms', 'wait'], ['receiving_ms', 'receive']];

function sample(place) {
  const error = place.go('error').text, check = place.go('failed_check').text;
  const end = [place.go('status').number > 0 && figure(place.go('status'), String),
               error && !error.startsWith('status.') && ` ${error}`, check && ` not: ${check}`];
  const split = parts.filter(([key]) => place.go(key).number > 0).map(([key, word]) =>
    [word, ' ', figure(place.go(key), words.milliseconds), ' ']);
  const ids = ['request_id', 'traceparent'].filter(key => place.go(key).text);
  const ranked = `${place.go('ranked_by').text || 'service'}_ms`;
  return h('li', {class: (error || check) && 'bad'},
    h('p', {}, h('b', {}, figure(place.go(ranked), words.milliseconds)), ' ',
      h('code', {}, place.go('request').text), ' ', h('span', {class: 'end'}, end)),
    h('p', {class: 'detail'}, 'at ', figure(place.go('at_s'), words.moment), ' · ',
      place.go('scenario').text, ' / ', place.go('name').text, ' · user ',
      figure(place.go('user'), String), ', iteration ', figure(place.go('iteration'), String),
      place.go('attempt').number > 1 && [', attempt ', figure(place.go('attempt'), String)],
      ' · ', split),
    ids.length > 0 && h('p', {class: 'detail'}, ids.map(key =>
      [key === 'request_id' ? 'X-Request-Id ' : ' traceparent ', h('code', {},
        place.go(key).text)])),
    place.go('body').text.trim() && (error || check)
      && h('pre', {}, place.go('body').text, place.go('body_cut').truth && '…'));
}

export function samples(summary) {
  const slow = summary.go('samples', 'slow').members, failed = summary.go('samples', 'failed').members;
  const list = (title, places, open) => places.length > 0
    && h('details', {open}, h('summary', {}, title), h('ol', {class: 'samples'},
         places.map(sample)));
  const all = summary.go('samples', 'failed_seen');
  return section('samples', 'Single requests', 'worth looking at: the slowest, and some that failed',
    list(`${failed.length} of ${words.counted(all.number, 'failed request')}`, failed, true),
    list(`The ${words.counted(slow.length, 'slowest request')}`.replace('The 1 slowest',
      'The slowest'), slow, failed.length === 0));
}
