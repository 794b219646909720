// Charts over the time of the run, on uPlot: one cursor and one zoom for all of them, the run's
// stages, events and troubles marked in each, keys for those who have no mouse.
import uPlot from 'uplot';
import {css, h, plain} from './dom.js';
import * as words from './words.js';

// Every chart on the page: {plot, host, make, now}. `now` is what it shows, which may change while
// it is there: {spec, raw, curves, x, marks, whole}.
const drawn = new Set();
let zooming = false;

const font = () => `12px ${css('--sans')}`;

function axis(extra) {
  return {stroke: () => css('--faint'), font: font(), labelFont: font(),
          grid: {stroke: () => css('--grid'), width: 1},
          ticks: {stroke: () => css('--grid'), width: 1, size: 4}, ...extra};
}

// Round steps of time: 1, 2, 5, 10, 15, 30 seconds, minutes, then hours.
const timeSteps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
                   14400, 28800, 86400, 172800, 432000];

// On an axis 10.0ms is 10ms.
const tight = text => text.replace(/\.(\d*?)0+(?=\D|$)/, (all, rest) => rest ? `.${rest}` : '');
const isDecade = value => /^1(\.0*)?e/.test(value.toExponential());

// What happened, over and behind the curves. `marks`: {stages, events, troubles}.
function drawBehind(plot, marks) {
  const {ctx, bbox} = plot, ratio = uPlot.pxRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const at = s => plot.valToPos(s, 'x', true);
  ctx.fillStyle = css('--trouble');
  for (const {from, to} of marks.troubles)
    ctx.fillRect(at(from), bbox.top, Math.max(ratio, at(to) - at(from)), bbox.height);
  ctx.lineWidth = ratio;
  ctx.strokeStyle = css('--stage');
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  for (const s of marks.stages) line(ctx, at(s), bbox);
  ctx.restore();
}

function drawAbove(plot, marks) {
  const {ctx, bbox} = plot, ratio = uPlot.pxRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = css('--event');
  ctx.lineWidth = ratio;
  ctx.setLineDash([]);
  ctx.font = `bold ${11 * ratio}px ${css('--sans')}`;
  ctx.textAlign = 'center';
  marks.events.forEach((s, i) => {
    if (s < plot.scales.x.min || s > plot.scales.x.max) return;
    const x = plot.valToPos(s, 'x', true);
    line(ctx, x, bbox);
    ctx.fillText(String(i + 1), x, bbox.top - 3 * ratio);
  });
  ctx.restore();
}

function line(ctx, x, bbox) {
  ctx.beginPath();
  ctx.moveTo(Math.round(x) + 0.5, bbox.top);
  ctx.lineTo(Math.round(x) + 0.5, bbox.top + bbox.height);
  ctx.stroke();
}

function zoomAll(min, max) {
  zooming = true;
  for (const {plot} of drawn) plot.setScale('x', {min, max});
  zooming = false;
}

function keys(event, {plot, now: {whole}}) {
  const {min, max} = plot.scales.x, span = max - min, [first, last] = whole;
  const left = plot.cursor.left ?? -1, width = plot.over.clientWidth;
  const move = by => {
    const start = left < 0 ? width / 2 : left;
    plot.setCursor({left: Math.min(width - 1, Math.max(0, start + by)), top: 10});
  };
  const around = factor => {
    const centre = left < 0 ? min + span / 2 : plot.posToVal(left, 'x');
    zoomAll(Math.max(first, centre - span * factor / 2), Math.min(last, centre + span * factor / 2));
  };
  const step = event.shiftKey ? 30 : 3;
  switch (event.key) {
    case 'ArrowLeft': move(-step); break;
    case 'ArrowRight': move(step); break;
    case '+': case '=': around(0.5); break;
    case '-': around(2); break;
    case '0': case 'Escape': zoomAll(first, last); break;
    default: return;
  }
  event.preventDefault();
}

// Where nothing was recorded the curves break: a point without values goes in between.
export function withGaps(from, to) {
  const slots = [];
  for (let i = 0; i < from.length; ++i) {
    if (i > 0 && from[i] - to[i - 1] > 0.75 * (to[i - 1] - from[i - 1])) slots.push(-1);
    slots.push(i);
  }
  const x = slots.map((slot, i) => slot >= 0 ? (from[slot] + to[slot]) / 2
    : (to[slots[i - 1]] + from[slots[i + 1]]) / 2);
  return {x, spread: values => slots.map(slot => slot >= 0 ? values[slot] ?? null : null)};
}

const stacked = lists => {
  const sums = [];
  lists.forEach((list, i) =>
    sums.push(list.map((value, j) => value === null ? null : value + (i > 0 ? sums[i - 1][j] ?? 0
                                                                            : 0))));
  return sums;
};

function seriesOf(each, i, {format, stack}, entry) {
  const colour = () => css(each.colour ?? `--c${i % 8 + 1}`);
  return {label: plain(each.label), stroke: colour, width: each.thin ? 1 : 1.75,
          dash: each.dash, points: {show: each.points ?? false, size: 4},
          fill: stack ? () => css(each.colour ?? `--c${i % 8 + 1}`) : each.fill
            ? () => css(each.fill) : undefined,
          paths: each.steps ? uPlot.paths.stepped({align: 1}) : undefined,
          value: (plot, value, series, index) => {
            const exact = index === null ? null : entry.now.raw[i][index];
            return exact === null || exact === undefined ? '–' : (each.format ?? format)(exact);
          }};
}

function readout(plot, spec, host) {
  if (document.activeElement !== host || plot.cursor.idx === null) return;
  const index = plot.cursor.idx;
  const said = plot.series.slice(1).filter(series => series.show).map((series, i) =>
    `${series.label} ${series.value(plot, null, i + 1, index)}`);
  host.querySelector('.said').textContent =
    `${words.moment(plot.data[0][index])}: ${said.join(', ')}`;
}

function optionsOf(entry, width) {
  const {host, now: {spec}} = entry;
  const log = spec.scale === 'log';
  const decades = (plot, splits) => splits.map(value => log && !isDecade(value) ? null : value);
  return {
    width, height: spec.height ?? 240, ms: 1,
    padding: [() => entry.now.marks.events.length > 0 ? 16 : 8, () => 14, () => 0, () => 0],
    scales: {
      x: {time: false, range: (plot, min, max) => {
        const {x, whole} = entry.now;
        return min === x[0] && max === x.at(-1) ? whole : [min ?? whole[0], max ?? whole[1]];
      }},
      y: log ? {distr: 3, log: 10}
             : {range: (plot, min, max) => spec.top !== undefined ? [0, spec.top]
               : [Math.min(0, min ?? 0), max > 0 ? max * 1.08 : 1]}},
    axes: [axis({size: 30, values: (plot, splits) => splits.map(words.moment), incrs: timeSteps,
                 space: 56}),
           axis({size: 68, filter: decades, grid: {...axis().grid, filter: decades},
                 ticks: {...axis().ticks, filter: decades},
                 values: (plot, splits) => splits.map(value => value === null ? ''
                   : tight(spec.format(value)))})],
    series: [{label: 'at', value: (plot, value) => value === null ? '–' : words.moment(value)},
             ...spec.series.map((each, i) => seriesOf(each, i, spec, entry))],
    cursor: {sync: {key: 'run', setSeries: false}, drag: {x: true, y: false, uni: 10},
             points: {size: 6}, bind: {dblclick: () => () => { zoomAll(...entry.now.whole); return null; }}},
    legend: {live: true},
    hooks: {
      drawAxes: [plot => drawBehind(plot, entry.now.marks)],
      draw: [plot => drawAbove(plot, entry.now.marks)],
      setCursor: [plot => readout(plot, spec, host)],
      setScale: [(plot, scale) => {
        if (scale !== 'x') return;
        host.dataset.span = `${plot.scales.x.min} ${plot.scales.x.max}`;
        if (!zooming && drawn.size > 1)
          zoomAll(plot.scales.x.min, plot.scales.x.max);
      }],
    }};
}

// What is drawn of a spec. Stacked areas are drawn from the highest sum down, so that each shows only
// its own part.
function drawing(spec, time, marks, whole) {
  const {x, spread} = withGaps(time.from, time.to);
  const raw = spec.series.map(each => spread(each.values));
  const curves = spec.stack ? stacked(raw) : raw;
  const order = spec.stack ? raw.map((_, i) => raw.length - 1 - i) : raw.map((_, i) => i);
  const series = order.map(i => ({colour: `--c${i % 8 + 1}`, ...spec.series[i]}));
  return {spec: {...spec, series}, raw: order.map(i => raw[i]), curves: order.map(i => curves[i]),
          x, marks, whole};
}

// One chart. spec: {id, title, words, format, scale, top, stack, height,
// series: [{label, values, colour, dash, fill, steps, at}], numbers, toolbar, paint}
export function chart(spec, time, marks, whole) {
  const host = h('div', {class: 'plot', tabindex: 0, role: 'group', 'aria-label':
    `${spec.title}: arrow keys move the cursor, plus and minus zoom, 0 shows all`},
    h('p', {class: 'said', 'aria-live': 'polite'}));
  const entry = {host, now: drawing(spec, time, marks, whole)};
  const figure = h('figure', {class: spec.wide ? 'wide' : null, id: `chart-${spec.id}`},
    h('figcaption', {}, h('h3', {}, spec.title), spec.words && h('p', {}, spec.words),
      spec.toolbar), host, spec.numbers && numbers(entry));
  entry.make = width => {
    entry.plot?.destroy();
    const options = optionsOf(entry, width);
    if (spec.paint) spec.paint(options, () => entry.now.spec);
    entry.plot = new uPlot(options, [entry.now.x, ...entry.now.curves], host);
  };
  host.addEventListener('keydown', event => keys(event, entry));
  drawn.add(entry);
  sizes.observe(host);
  figure.entry = entry;
  return figure;
}

const shape = ({title, words, scale, stack, series}) =>
  JSON.stringify([title, words, scale, stack, series.map(each => [each.label, each.colour])]);

// Shows other values in a chart that is there; zoom and cursor stay. False when it has to be made
// anew: other curves.
export function update(figure, spec, time, marks, whole) {
  const {entry} = figure, before = entry.now;
  const now = drawing(spec, time, marks, whole);
  if (!entry.plot || shape(now.spec) !== shape(before.spec)) return false;
  const {min, max} = entry.plot.scales.x;
  const zoomed = min > before.whole[0] || max < before.whole[1];
  entry.now = now;
  zooming = true;
  entry.plot.batch(() => {
    entry.plot.setData([now.x, ...now.curves], false);
    entry.plot.setScale('x', zoomed ? {min, max} : {min: whole[0], max: whole[1]});
  });
  zooming = false;
  figure.querySelector(':scope > details')?.refill();
  return true;
}

// Those that came since.
export function drawNew() {
  for (const entry of drawn)
    if (entry.host.isConnected && !entry.plot) entry.make(widthOf(entry.host));
}

const widthOf = host => Math.max(240, Math.floor(host.clientWidth));

export function forget(figure) {
  drawn.delete(figure.entry);
  sizes.unobserve(figure.entry.host);
  figure.entry.plot?.destroy();
}

export function drawAll(width) {
  for (const entry of drawn)
    if (entry.host.isConnected) entry.make(width ? width(entry.host) : widthOf(entry.host));
}

const sizes = new ResizeObserver(entries => {
  for (const {target} of entries)
    for (const entry of drawn)
      if (entry.host === target && entry.plot && entry.plot.width !== widthOf(target))
        entry.plot.setSize({width: widthOf(target), height: entry.plot.height});
});

// The same as a table, made when somebody opens it.
function numbers(entry) {
  const details = h('details', {class: 'numbers'}, h('summary', {}, 'Numbers'));
  const fill = () => {
    const {rows, columns} = entry.now.spec.numbers;
    const body = h('tbody', {});
    for (let i = 0; i < rows; ++i)
      body.append(h('tr', {}, columns.map((column, j) => h(j === 0 ? 'th' : 'td',
        {class: 'number', scope: j === 0 ? 'row' : null}, column.cell(i)))));
    const table = details.querySelector('table');
    if (table) table.tBodies[0].replaceWith(body);
    else details.append(h('div', {class: 'table scroll', tabindex: 0}, h('table', {},
      h('thead', {}, h('tr', {}, columns.map(({head}) => h('th', {scope: 'col', class: 'number'},
                                                            head)))), body)));
  };
  // Of 1500 rows nobody sees: not filled again and again while it is closed.
  let stale = true;
  const show = () => {
    if (!details.open || !stale) return;
    stale = false;
    fill();
  };
  details.addEventListener('toggle', show);
  details.refill = () => { stale = true; show(); };
  return details;
}
