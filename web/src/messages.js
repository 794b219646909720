// Sessions and what was said in them: WebSocket and Socket.IO by step, deliveries by room.
import {figure, h, section} from './dom.js';
import {table} from './table.js';
import {trendCells} from './requests.js';
import * as words from './words.js';

const n = place => figure(place, words.grouped);
const wrong = place => {
  const cell = n(place);
  if (place.number > 0) cell.classList.add('bad');
  return cell;
};
const p95 = values => values.go('count').number > 0 ? figure(values.go('p(95)'), words.milliseconds)
                                                    : h('span', {class: 'none'}, '–');

export function sessions(summary) {
  const rows = summary.go('sessions').members.map(step => ({
    detail: [step.go('protocol').text === 'socket.io' ? 'Socket.IO' : 'WebSocket', ' · ',
             step.go('scenario').text,
             step.go('errors').entries.map(([name, count]) => [' · ', name, ' ×', n(count)])],
    cells: [step.go('name').text, n(step.go('opened')), wrong(step.go('connect_failed')),
            wrong(step.go('ended_early')), n(step.go('reconnects')), n(step.go('messages_sent')),
            n(step.go('messages_received')), p95(step.go('connecting')), p95(step.go('answer')),
            p95(step.go('ack')), p95(step.go('ping'))]}));
  return section('sessions', 'Sessions', 'times: p95', table('Sessions by step',
    [{head: 'step', text: true}, {head: 'opened'}, {head: 'failed', title: 'failed to connect'},
     {head: 'early', title: 'ended before the plan did it'},
     {head: 'again', title: 'opened again after they were lost'}, {head: 'sent'},
     {head: 'received'}, {head: 'connect'}, {head: 'answer'}, {head: 'ack'}, {head: 'ping'}],
    rows));
}

const meanings = [
  ['missed_away', 'were sent while their receiver was reconnecting; they are not counted as lost'],
  ['unclear', 'came so long after their neighbours that they were in the books as lost already; '
    + 'whether they were late or came twice cannot be told'],
  ['not_owed', 'came to users who were not owed them: sent before they listened or after they left, '
    + 'or their own where the plan says own: false'],
  ['garbled', 'carried a stamp or a number that cannot be: something on the way changes messages'],
  ['foreign', 'carried a stamp of another run: somebody else talks in these rooms, or the server '
    + 'repeats old messages'],
];

// Rooms that went worst first.
function worstFirst(a, b) {
  for (const key of ['lost', 'late', 'duplicated'])
    if (a.go(key).number !== b.go(key).number) return b.go(key).number - a.go(key).number;
  return b.go('latency', 'p(95)').number - a.go('latency', 'p(95)').number;
}

export function deliveries(summary) {
  const totals = summary.go('delivery', 'totals');
  if (totals.isEmpty) return null;
  const rooms = summary.go('delivery', 'rooms').members.sort(worstFirst);
  const row = (name, room, spread) => [name, n(room.go('sent')), n(room.go('expected')),
    n(room.go('delivered')), wrong(room.go('lost')), wrong(room.go('duplicated')),
    wrong(room.go('reordered')), wrong(room.go('late')),
    ...trendCells(room.go('latency'), words.milliseconds, ['med', 'p(95)', 'p(99)']), spread];
  const spreadOf = room => room.go('spread_max_ms').number > 0
    ? figure(room.go('spread_max_ms'), words.milliseconds) : h('span', {class: 'none'}, '–');
  const columns = first => [{head: first, text: true}, ...['sent', 'expected', 'delivered', 'lost',
    'duplicated', 'reordered', 'late', 'median', 'p95', 'p99'].map(head => ({head})),
    {head: 'spread', title: 'the longest time between the first and the last receiver of one message'}];
  const whole = [row('all rooms', totals, totals.go('spread', 'count').number > 0
    ? figure(totals.go('spread', 'max'), words.milliseconds) : h('span', {class: 'none'}, '–'))];
  const said = meanings.filter(([key]) => totals.go(key).number > 0).map(([key, meaning]) =>
    h('li', {class: 'warn'}, n(totals.go(key)), ' ', meaning));
  if (totals.go('balanced').value === false)
    said.unshift(h('li', {class: 'bad'}, 'The books of ', n(totals.go('unbalanced_rooms')),
      ' rooms do not balance: what was owed is not the sum of what became of it. This is an error '
      + 'of gend itself: do not trust these counts, and please report it.'));
  const left = summary.go('delivery', 'rooms_left_out').number;
  return section('deliveries', 'Deliveries',
    'messages to rooms, owed to each user who listens there',
    said.length > 0 && h('ul', {class: 'callouts'}, said),
    table('Deliveries of the whole run', columns(''), whole, {sortable: false}),
    rooms.length > 0 && [h('h3', {}, 'By room'),
      table('Deliveries by room', columns('room'),
            rooms.map(room => row(room.go('room').text, room, spreadOf(room))))],
    left > 0 && h('p', {class: 'words'}, `${words.counted(left, 'more room')} left out`));
}
