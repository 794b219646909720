// How the run differs from its baseline (report/compare.h).
import {figure, h, section} from './dom.js';
import {table} from './table.js';
import * as words from './words.js';

const marks = new Map([['same', ['', '= same']], ['better', ['good', '✓ better']],
  ['worse', ['bad', '✗ worse']], ['differs', ['', '≠ differs']]]);

function formatOf(row) {
  const type = row.go('type').text, contains = row.go('contains').text;
  if (type === 'rate') return words.percent;
  if (contains === 'data') return type === 'counter' ? words.byteRate : words.bytes;
  if (type === 'counter') return words.rate;
  return contains === 'time' ? words.milliseconds : words.count;
}

// Shares differ by percentage points, and nothing that differs reads as 0.
const signed = (row, format) => value => {
  const points = row.go('type').text === 'rate';
  const size = points ? `${(Math.abs(value) * 100).toPrecision(3)} pp` : format(Math.abs(value));
  return value === 0 ? points ? '0 pp' : format(0) : (value < 0 ? '−' : '+') + size;
};

// The interval beside the band of the tolerance, on a line three tolerances to both sides.
function forest(row) {
  const tolerance = row.go('tolerance').number;
  const [low, high] = [0, 1].map(i => row.go('interval', i));
  if (!(tolerance > 0) || !low.isNumber || !high.isNumber) return null;
  const place = value => Math.max(0, Math.min(100, 50 + 50 * value / (3 * tolerance)));
  const bar = (name, from, to) => {
    const element = h('span', {class: name});
    element.style.left = `${place(from)}%`;
    element.style.width = `${Math.max(0.8, place(to) - place(from))}%`;
    return element;
  };
  const difference = row.go('difference').number;
  return h('span', {class: 'forest', 'aria-hidden': 'true'}, bar('band', -tolerance, tolerance),
           bar('zero', 0, 0), bar('range', low.value, high.value),
           bar('point', difference, difference));
}

function cellsOf(row) {
  const format = formatOf(row), [tone, mark] = marks.get(row.go('verdict').text)
    ?? ['none', '? unsure'];
  const tags = row.go('tags').entries.map(([key, value]) => `${key}:${value.text}`).join(',');
  const ratio = row.go('ratio');
  const share = row.go('type').text !== 'rate' && ratio.isNumber
    && ` (${ratio.value >= 1 ? '+' : '−'}${(Math.abs(ratio.value - 1) * 100).toFixed(1)} %)`;
  return {
    bad: row.go('verdict').text === 'worse' && row.go('judged').truth,
    cells: [
      [h('code', {}, row.go('metric').text + (tags && `{${tags}}`)), ' ',
       row.go('statistic').text],
      figure(row.go('before'), format), figure(row.go('after'), format),
      [figure(row.go('difference'), signed(row, format)), share],
      row.go('interval', 0).isNumber
        ? [figure(row.go('interval', 0), signed(row, format)), ' … ',
           figure(row.go('interval', 1), signed(row, format)), forest(row)]
        : h('span', {class: 'none'}, row.go('why').text || '–'),
      h('span', {class: `end ${tone}`}, mark),
    ]};
}

const runWords = run => [h('span', {class: 'id'}, run.go('id').text), ' (',
  [run.go('plan').text, run.go('started').text, `gend ${run.go('version').text}`,
   run.go('generator').text].filter(Boolean).join(', '), ')'];

export function comparison(place) {
  if (place.isEmpty) return null;
  const rows = place.go('rows').members;
  const columns = [{head: 'quantity', text: true}, {head: 'before'}, {head: 'after'},
                   {head: 'change'}, {head: '95 % interval of the change'},
                   {head: 'verdict', text: true}];
  const judged = rows.filter(row => row.go('judged').truth);
  const shown = rows.filter(row => !row.go('judged').truth);
  const verdict = place.go('verdict').text;
  const said = [
    ...place.go('objections').members.map(text =>
      h('li', {class: 'warn'}, 'compared anyway: ', text.text)),
    ...place.go('notes').members.map(note => h('li', {class: 'note'}, note.text))];
  return section('comparison', 'Against the baseline', null,
    h('p', {class: `outcome ${verdict === 'worse' ? 'bad' : verdict === 'better' ? 'good' : ''}`},
      h('strong', {}, place.go('words').text)),
    h('p', {class: 'words'}, 'before: ', runWords(place.go('before')), ' · the first ',
      figure(place.go('length_s'), words.seconds), ' of both runs'),
    said.length > 0 && h('ul', {class: 'callouts'}, said),
    table('Judged quantities', columns, judged.map(cellsOf)),
    h('p', {class: 'words'}, 'The interval is where the difference lies with 95 % confidence, and '
      + 'the band beside it is the tolerance: better and worse are said of what lies beyond it.'),
    shown.length > 0 && h('details', {}, h('summary', {},
      words.counted(shown.length, 'more quantity').replace('quantitys', 'quantities')
      + ', not judged'), table('Quantities that are not judged', columns, shown.map(cellsOf))));
}
