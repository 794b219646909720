// The page while its run goes on: a bar with the latest second, the commands that the plan allows,
// and newer data as they come. What it talks to is where it came from: genctl dashboard.
import {add, h} from './dom.js';
import {Place} from './place.js';
import * as words from './words.js';

const field = (name, label) => h('div', {class: 'field'}, h('dt', {'data-live': `${name}-name`},
                                 label), h('dd', {'data-live': name}, '–'));
const show = (bar, name, text, tone = '') => {
  const element = bar.querySelector(`[data-live="${name}"]`);
  if (element.textContent !== text) element.textContent = text;
  element.className = tone;
};

const fields = [['users', 'users'], ['rate', 'requests'], ['latency', 'p95'], ['failed', 'failed'],
                ['generator', 'generator'], ['thresholds', 'thresholds']];

function makeBar(controls) {
  return h('div', {class: 'live', role: 'region', 'aria-label': 'the run, live'},
    h('div', {class: 'now'},
      h('p', {class: 'state', role: 'status'}, h('span', {class: 'dot', 'aria-hidden': 'true'}),
        h('span', {'data-live': 'state'}, 'connecting')),
      h('p', {class: 'time'}, h('span', {'data-live': 'time'}, ''),
        h('progress', {max: 1, value: 0, 'aria-label': 'how far the run has come'})),
      h('dl', {class: 'fields'}, fields.map(([name, label]) => field(name, label))), controls),
    h('p', {class: 'said-here', role: 'alert', hidden: true}));
}

// The latest second (report/live.h) in the bar.
function showSecond(bar, second) {
  const number = key => second.go(key).number;
  show(bar, 'time', `${words.moment(Math.floor(number('elapsed_s')))} of `
    + words.moment(Math.round(number('planned_s'))));
  const progress = bar.querySelector('progress');
  progress.value = number('planned_s') > 0
    ? Math.min(1, number('elapsed_s') / number('planned_s')) : 0;
  show(bar, 'users', words.grouped(number('users')));
  // Of plans that send messages only.
  const talks = second.go('sessions', 'without_requests').truth;
  show(bar, 'rate', words.rate(talks ? second.go('sessions', 'received_per_s').number
                                     : number('requests_per_s')));
  show(bar, 'rate-name', talks ? 'messages in' : 'requests');
  show(bar, 'failed-name', talks ? 'deliveries' : 'failed');
  show(bar, 'latency', number('samples') > 0 ? words.milliseconds(number('p95_ms')) : '–');
  show(bar, 'failed', talks ? `${words.grouped(second.go('sessions', 'lost').number)} lost`
    : words.percent(number('failed_rate')), number('failed_rate') > 0 ? 'bad' : '');
  const verdict = second.go('verdict').text;
  show(bar, 'generator', verdict || '–',
       verdict === 'CLEAN' ? 'good' : verdict === 'SUSPECT' ? 'warn' : verdict ? 'bad' : '');
  const all = number('thresholds'), failing = number('failing');
  show(bar, 'thresholds', all === 0 ? 'none' : failing === 0 ? `all ${all} hold`
    : `${failing} of ${all} fail`, failing > 0 ? 'bad' : '');
}

const stateWords = second => {
  const until = second.go('waiting_until').text;
  return [second.go('state').text || 'running', second.go('paused').truth && 'paused',
          until && `until ${until}`, second.go('not_written').text && 'NOT ON DISK']
    .filter(Boolean).join(', ');
};

// What the plan lets be changed: {users, rate}.
const steered = summary => {
  const kinds = summary.go('run', 'scenarios').members.map(each => each.go('steered').text);
  return {users: kinds.includes('users'), rate: kinds.includes('rate')};
};

class Live {
  constructor(data, rebuild) {
    this.rebuild = rebuild;
    this.version = data.live.version;
    this.state = 'connecting';
    this.second = new Place({});
    this.allowed = {users: false, rate: false};
    this.controls = h('div', {class: 'controls'});
    this.bar = makeBar(this.controls);
    this.dialog = this.makeDialog();
    const nav = document.querySelector('nav');
    const top = h('div', {class: 'top'}, this.bar);
    nav.before(top);
    top.append(nav);
    document.body.append(this.dialog);
    document.documentElement.classList.add('is-live');
    // Links lead below what stands at the top, however high that is.
    new ResizeObserver(() => {
      document.documentElement.style.setProperty('--top', `${top.offsetHeight}px`);
    }).observe(top);
    this.take(new Place(data));
    document.addEventListener('visibilitychange', () => this.catchUp());
    this.listen();
  }

  listen() {
    const events = this.events = new EventSource('events');
    const on = (name, act) => events.addEventListener(name, event => {
      let json = null;
      try { json = JSON.parse(event.data); } catch { return; }
      act(new Place(json));
    });
    on('second', second => {
      this.second = second;
      showSecond(this.bar, second);
      this.showState();
    });
    on('data', data => {
      this.wanted = data.go('version').number;
      this.catchUp();
    });
    on('final', data => this.adopt(data.value));
    on('run', run => {
      this.state = run.go('state').text;
      this.why = run.go('why').text;
      this.showState();
    });
    events.onopen = () => { this.cut = false; this.showState(); };
    events.onerror = () => {
      this.cut = true;
      // The browser tries again by itself, but not after an answer that was no stream.
      if (events.readyState === EventSource.CLOSED) this.gone = true;
      if (this.isFinal()) events.close();
      this.showState();
    };
  }

  // The run is over, and its end is on the page.
  isFinal() { return this.state === 'over' && !(this.wanted > this.version); }

  showState() {
    const over = this.isFinal(), lost = this.cut || this.state === 'lost';
    const paused = this.second.go('paused').truth;
    const [name, tone] = over ? ['over: this is the final report', 'over']
      : this.gone ? ['this dashboard is gone: start genctl dashboard again', 'lost']
        : this.cut ? ['connection to genctl lost, trying again', 'lost']
          : this.state === 'lost' ? ['connection to gend lost, trying again', 'lost']
            : this.state === 'connecting' ? ['connecting', '']
              : this.state === 'over' ? ['over, its report comes', '']
                : [stateWords(this.second), paused ? 'paused' : 'running'];
    show(this.bar, 'state', name);
    this.bar.dataset.state = tone;
    if (this.state === 'lost' && this.why && !over) this.say(this.why, 'lost');
    else if (this.told === 'lost') this.say('');
    for (const each of this.controls.querySelectorAll('button, input')) each.disabled = lost;
    const pause = this.controls.querySelector('.pause');
    if (pause) pause.textContent = paused ? 'Resume' : 'Pause';
    this.controls.hidden = over;
    if (over && this.dialog.open) this.dialog.close();
    const users = this.controls.querySelector('input[name="users"]');
    if (users && users !== document.activeElement && !users.dataset.typed)
      users.value = String(this.second.go('users').number);
  }

  say(text, told = 'answer') {
    const line = this.bar.querySelector('.said-here');
    line.replaceChildren();
    add(line, [text]);
    line.hidden = text === '';
    this.told = text === '' ? null : told;
  }

  take(data) {
    const allowed = steered(data.go('summary'));
    const same = this.made && allowed.users === this.allowed.users
      && allowed.rate === this.allowed.rate;
    this.allowed = allowed;
    if (same) return;
    this.made = true;
    this.makeControls();
  }

  // One at a time, and none while nobody looks.
  async catchUp() {
    if (this.busy || document.hidden || !(this.wanted > this.version)) return;
    this.busy = true;
    const data = await fetch('data', {cache: 'no-store'})
      .then(answer => answer.ok ? answer.json() : null, () => null);
    this.busy = false;
    // The stream says when the connection is lost.
    if (!data) {
      setTimeout(() => this.catchUp(), 1000);
      return;
    }
    this.adopt(data);
    this.catchUp();
  }

  // Of the fetched and of those that came by themselves, the newest stay.
  adopt(data) {
    if (data.live.version <= this.version) return;
    this.version = data.live.version;
    this.rebuild(data);
    this.take(new Place(data));
    this.bar.dataset.version = String(this.version);
    this.showState();
  }

  async send(what, body) {
    this.say('');
    try {
      const answer = await fetch(what, {method: 'POST', cache: 'no-store',
        headers: {'Content-Type': 'application/json'}, body: body && JSON.stringify(body)});
      if (answer.ok) return true;
      const problem = new Place(await answer.json().catch(() => null));
      this.say([problem.go('title').text || `${what}: refused (${answer.status})`,
                problem.go('detail').text, problem.go('remedy').text].filter(Boolean).join(': '));
    } catch {
      this.say(`${what}: genctl dashboard does not answer`);
    }
    return false;
  }

  makeControls() {
    const {users, rate} = this.allowed;
    const steers = users || rate;
    const pause = steers && h('button', {type: 'button', class: 'pause', onclick: () =>
      this.send(this.second.go('paused').truth ? 'resume' : 'pause')}, 'Pause');
    const stop = h('button', {type: 'button', class: 'stop', 'aria-haspopup': 'dialog',
                              onclick: () => this.dialog.showModal()}, 'Stop…');
    this.controls.replaceChildren();
    add(this.controls, [
      users && this.setter('users', 'Users', {type: 'number', min: 0, step: 1, size: 6,
                                              inputmode: 'numeric'}, text => Number(text)),
      rate && this.setter('rate', 'Rate', {type: 'text', size: 8, placeholder: '600/min'},
                          text => text.trim()),
      pause, stop]);
  }

  setter(name, label, attributes, read) {
    const input = h('input', {name, required: true, autocomplete: 'off', ...attributes});
    input.addEventListener('input', () => { input.dataset.typed = 'yes'; });
    input.addEventListener('blur', () => { if (!input.value) delete input.dataset.typed; });
    const set = async () => {
      if (input.value.trim() === '') return;
      if (await this.send(name, {[name]: read(input.value)})) delete input.dataset.typed;
    };
    input.addEventListener('keydown', event => {
      if (event.key === 'Enter') set();
      if (event.key === 'Escape') { delete input.dataset.typed; input.blur(); this.showState(); }
    });
    return h('span', {class: 'setter'}, h('label', {}, label, ' ', input),
             h('button', {type: 'button', 'aria-label': `set ${name}`, onclick: set}, 'set'));
  }

  makeDialog() {
    const end = mode => async () => {
      dialog.close();
      await this.send('stop', {mode});
    };
    const dialog = h('dialog', {'aria-labelledby': 'stop-title'},
      h('h2', {id: 'stop-title'}, 'End the run?'),
      h('p', {}, 'Its report is made of what was measured so far.'),
      h('div', {class: 'choices'},
        h('button', {type: 'button', class: 'go-on', onclick: () => dialog.close()},
          'No, it goes on'),
        h('button', {type: 'button', class: 'graceful', onclick: end('graceful')},
          'End it: what is under way may finish'),
        h('button', {type: 'button', class: 'at-once', onclick: end('now')},
          'Cut it off now')));
    return dialog;
  }
}

export const connect = (data, rebuild) => new Live(data, rebuild);
