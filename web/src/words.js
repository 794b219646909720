// Numbers as people read them: the words of stats/words.cc, so that one quantity looks the same in
// the terminal and here.

const threeDigits = n => n.toFixed(n < 9.995 ? 2 : n < 99.95 ? 1 : 0);

export const grouped = n => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');

export function milliseconds(ms) {
  if (!(ms > 0)) return '0s';
  const ns = ms * 1e6;
  if (ns < 999.5) return `${ns.toFixed(0)}ns`;
  if (ns < 999.5e3) return `${threeDigits(ns / 1e3)}µs`;
  if (ns < 999.5e6) return `${threeDigits(ns / 1e6)}ms`;
  if (ns < 59.95e9) return `${threeDigits(ns / 1e9)}s`;
  return clock(Math.round(ns / 1e9));
}
export const seconds = s => milliseconds(s * 1000);

function clock(s) {
  const two = n => String(n).padStart(2, '0');
  const hours = Math.floor(s / 3600), minutes = Math.floor(s / 60) % 60;
  return hours > 0 ? `${hours}h${two(minutes)}m${two(s % 60)}s` : `${minutes}m${two(s % 60)}s`;
}

const scaled = (n, size, suffixes) => {
  let i = 0;
  while (i + 1 < suffixes.length && n / size ** i >= 999.5) ++i;
  return [n / size ** i, suffixes[i], i];
};

export function count(n) {
  if (n < 0) return '-' + count(-n);
  if (n < 999.5 && Number.isInteger(n)) return String(n);
  const [value, suffix] = scaled(n, 1000, ['', 'k', 'M', 'G', 'T']);
  return threeDigits(value) + suffix;
}

export function bytes(n) {
  const [value, suffix, i] = scaled(n, 1000, ['B', 'kB', 'MB', 'GB', 'TB']);
  return `${i === 0 ? value.toFixed(0) : threeDigits(value)} ${suffix}`;
}

// A share of one as per cent. Never says 0 or 100 % of what is not.
export function percent(share) {
  const n = share * 100;
  if (n > 0 && n < 0.01) return '<0.01%';
  if (n < 100 && n > 99.99) return '>99.99%';
  return `${n.toFixed(2)}%`;
}

export const rate = n => `${count(n)}/s`;
export const byteRate = n => `${bytes(n)}/s`;
export const tenth = n => n.toFixed(1);
export const counted = (n, noun) => `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`;

// A moment of the run on an axis: 0:05, 12:30, 1:02:30.
export function moment(s) {
  const two = n => String(n).padStart(2, '0');
  const whole = Math.floor(s), rest = s - whole;
  const tail = rest > 0.0005 ? (rest.toFixed(3)).slice(1).replace(/0+$/, '') : '';
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  const base = hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}`
                         : `${minutes}:${two(whole % 60)}`;
  return base + tail;
}

export function wall(ms) {
  return new Date(ms).toISOString().replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
}
