// The report of a run: reads the data in the page and builds everything from it.
import {drawAll, drawNew} from './charts.js';
import {comparison} from './comparison.js';
import {arrange, h, plain} from './dom.js';
import {connect} from './live.js';
import {deliveries, sessions} from './messages.js';
import {morph} from './morph.js';
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
    links(sections), themeButton());
}

const links = sections => h('div', {class: 'links'}, sections.map(section =>
  h('a', {href: `#${section.id}`}, section.querySelector('h2').textContent)));

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

const body = document.body;

function sectionsOf(all, old) {
  const summary = all.go('summary'), timeline = all.go('timeline');
  return [
    thresholds(summary), comparison(all.go('comparison')), charts(summary, timeline, old),
    events(summary), troubles(timeline), steps(summary), latency(summary), deliveries(summary),
    sessions(summary), facets(summary), errors(summary), samples(summary), checks(summary),
    flows(summary), work(summary), everything(summary), generator(summary),
    planOf(summary, all.go('plan').text)].filter(Boolean);
}

function name(summary) {
  document.title = plain(`${toneOf(summary.go('run'))[2]}: ${summary.go('run', 'name').text}`);
}

function build(data) {
  const all = new Place(data), summary = all.go('summary');
  const sections = sectionsOf(all);
  name(summary);
  body.append(navigation(sections), h('main', {}, verdict(summary), callouts(summary),
    cards(summary), sections), h('footer', {}, h('p', {}, 'Made by gend ',
    summary.go('run', 'version').text, '. ', data.live ? 'Served by genctl dashboard.'
      : 'This file holds everything it shows; it loads nothing.')));
}

// The same page with newer data: what is looked at stays where it is.
function rebuild(data) {
  const all = new Place(data), summary = all.go('summary'), main = document.querySelector('main');
  const looked = lookedAt(main);
  const old = main.querySelector(':scope > #charts');
  const sections = sectionsOf(all, old);
  name(summary);
  const fresh = [verdict(summary), callouts(summary), cards(summary), ...sections].filter(Boolean);
  arrange(main, fresh.map(each => {
    const there = main.querySelector(`:scope > #${each.id}`);
    if (there && there !== each) morph(there, each);
    return there ?? each;
  }));
  morph(document.querySelector('nav .links'), links(sections));
  drawNew();
  looked();
}

const anchors = 'h1, h2, h3, p, figure, tr, li, .card, summary, pre';

// Keeps what is seen first of the page at its place of the screen, whatever grows above it.
function lookedAt(main) {
  if (scrollY === 0) return () => {};
  const below = document.querySelector('.top')?.offsetHeight ?? 0;
  let seen = null;
  for (let y = below + 8; y < innerHeight && !seen; y += 16) {
    const there = document.elementFromPoint(innerWidth / 3, y)?.closest(anchors);
    if (there && main.contains(there)) seen = there;
  }
  const top = seen?.getBoundingClientRect().top;
  return () => {
    if (seen?.isConnected) scrollBy({top: seen.getBoundingClientRect().top - top,
                                     behavior: 'instant'});
  };
}

const data = JSON.parse(document.getElementById('data').textContent);
build(data);
drawAll();
printing();
// Only where the data were served by genctl dashboard; a file's policy would not let it, either.
if (data.live) connect(data, rebuild);
