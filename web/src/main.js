// The report of a run: reads the data in the page and builds everything from it.
import {drawAll, follow} from './charts.js';
import {comparison} from './comparison.js';
import {h, plain} from './dom.js';
import {deliveries, sessions} from './messages.js';
import {Place} from './place.js';
import {errors, facets, latency, samples, steps} from './requests.js';
import {checks, events, everything, flows, generator, planOf, troubles, work} from './run.js';
import {charts} from './timeline.js';
import {callouts, cards, thresholds, toneOf, verdict} from './verdict.js';

const root = document.documentElement;

function themeButton() {
  const dark = () => root.dataset.theme === 'dark'
    || (!root.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches);
  const button = h('button', {type: 'button', class: 'theme', onclick: () => {
    root.dataset.theme = dark() ? 'light' : 'dark';
    name();
    drawAll();
  }});
  const name = () => { button.textContent = dark() ? '☀ light' : '☾ dark'; };
  name();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { name(); drawAll(); });
  return button;
}

function navigation(sections) {
  return h('nav', {'aria-label': 'sections'},
    h('a', {href: '#verdict', class: 'home'}, 'gend'),
    h('div', {class: 'links'}, sections.map(section =>
      h('a', {href: `#${section.id}`}, section.querySelector('h2').textContent))), themeButton());
}

// Paper is light and as wide as it is, whatever the screen was.
function printing() {
  const paper = 680;
  let theme;
  addEventListener('beforeprint', () => {
    theme = root.dataset.theme;
    root.dataset.theme = 'light';
    drawAll(() => paper);
  });
  addEventListener('afterprint', () => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    drawAll();
  });
}

function build(data) {
  const all = new Place(data), summary = all.go('summary'), timeline = all.go('timeline');
  const sections = [
    thresholds(summary), comparison(all.go('comparison')), charts(summary, timeline),
    events(summary), troubles(timeline), steps(summary), latency(summary), deliveries(summary),
    sessions(summary), facets(summary), errors(summary), samples(summary), checks(summary),
    flows(summary), work(summary), everything(summary), generator(summary),
    planOf(summary, all.go('plan').text)].filter(Boolean);
  document.title = plain(`${toneOf(summary.go('run'))[2]}: ${summary.go('run', 'name').text}`);
  document.body.append(navigation(sections), h('main', {}, verdict(summary), callouts(summary),
    cards(summary), sections), h('footer', {}, h('p', {}, 'Made by gend ',
    summary.go('run', 'version').text, '. This file holds everything it shows; it loads nothing.')));
}

build(JSON.parse(document.getElementById('data').textContent));
drawAll();
follow();
printing();
