// Changes what is on the page into what it shall be, in place: elements stay the same, and with them
// focus, selection, scroll positions, and what the reader opened, unfolded or sorted.
import {sortAgain} from './table.js';

// Attributes that belong to the reader.
const own = new Map([['DETAILS', ['open']], ['TH', ['aria-sort']], ['TABLE', ['class']]]);

const alike = (old, fresh) => old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName
  && old.id === fresh.id;

function attributes(old, fresh) {
  const kept = ['style', ...own.get(old.nodeName) ?? []];
  // The page's policy lets no attribute be a style; set from a script it may be.
  if (old.style.cssText !== fresh.style.cssText) old.style.cssText = fresh.style.cssText;
  for (const {name} of [...old.attributes])
    if (!fresh.hasAttribute(name) && !kept.includes(name)) old.removeAttribute(name);
  for (const {name, value} of [...fresh.attributes])
    if (old.getAttribute(name) !== value && !kept.includes(name)) old.setAttribute(name, value);
}

export function morph(old, fresh) {
  if (!alike(old, fresh)) return old.replaceWith(fresh);
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  // A button that unfolds a table: its words are those of its state.
  if (old.getAttribute('aria-expanded') === 'true') return;
  attributes(old, fresh);
  const had = [...old.childNodes], wanted = [...fresh.childNodes];
  wanted.forEach((child, i) => {
    if (i < had.length) morph(had[i], child);
    else old.append(child);
  });
  for (const child of had.slice(wanted.length)) child.remove();
  if (old.nodeName === 'TABLE') sortAgain(old);
}
