// Where the samples of each moment lie: time to the right, latency upwards, the darker the more.
import uPlot from 'uplot';
import {css} from './dom.js';
import * as words from './words.js';

const steps = 64;

// Colours between the page's two ends, by the logarithm of the count: single slow requests are to
// be seen beside thousands of quick ones.
function colours() {
  const parse = text => text.match(/\w\w/g).map(part => parseInt(part, 16));
  const stops = [1, 2, 3, 4].map(i => parse(css(`--heat${i}`)));
  return Array.from({length: steps}, (_, i) => {
    const at = i / (steps - 1) * (stops.length - 1), low = Math.min(stops.length - 2, Math.floor(at));
    const part = stops[low].map((c, j) => Math.round(c + (stops[low + 1][j] - c) * (at - low)));
    return `rgb(${part.join(',')})`;
  });
}

export function heatSpec(heat, time, title) {
  const rows = heat.go('rows_ms').value, counts = heat.go('counts').value;
  const every = heat.go('every').number || 1;
  const last = time.to.length - 1;
  const edges = counts.map((_, i) => [time.from[Math.min(last, i * every)],
                                      time.to[Math.min(last, (i + 1) * every - 1)]]);
  const most = Math.max(1, ...counts.map(column => Math.max(...column)));
  return {
    title, id: 'heat', wide: true, height: 260, format: words.milliseconds, scale: 'log',
    words: 'each column is a moment, each cell the samples that took so long; the colour is '
      + 'logarithmic', series: [{label: 'samples', values: time.from.map(() => null)}],
    heat: {rows, counts, edges, most}, paint};
}

// `now()` is the spec as it is at the moment: its numbers grow while a run goes on.
function paint(options, now) {
  options.scales.y = {distr: 3, log: 10, range: () => [now().heat.rows[0], now().heat.rows.at(-1)]};
  options.hooks.drawAxes.push(plot => draw(plot, now().heat));
  options.cursor.points = {show: false};
  options.series[1].value = plot => {
    const {left, top} = plot.cursor, {rows, counts, edges} = now().heat;
    if (!(left >= 0)) return '–';
    const x = plot.posToVal(left, 'x'), y = plot.posToVal(top, 'y');
    const column = edges.findIndex(([from, to]) => x >= from && x < to);
    const row = rows.findIndex((ms, i) => y >= ms && y < rows[i + 1]);
    if (column < 0 || row < 0) return '–';
    return `${words.grouped(counts[column][row])} of ${words.milliseconds(rows[row])} to `
      + words.milliseconds(rows[row + 1]);
  };
}

function draw(plot, {rows, counts, edges, most}) {
  const {ctx, bbox} = plot, palette = colours();
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const y = rows.map(ms => Math.round(plot.valToPos(ms, 'y', true)));
  counts.forEach((column, i) => {
    const left = Math.floor(plot.valToPos(edges[i][0], 'x', true));
    const width = Math.max(1, Math.ceil(plot.valToPos(edges[i][1], 'x', true)) - left);
    column.forEach((n, row) => {
      if (n === 0) return;
      ctx.fillStyle = palette[Math.round((steps - 1) * Math.log1p(n) / Math.log1p(most))];
      ctx.fillRect(left, y[row + 1], width, Math.max(1, y[row] - y[row + 1]));
    });
  });
  ctx.restore();
}
