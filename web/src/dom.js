// The one place that makes elements. Text is only ever set as text, never parsed: names come from
// plans and servers and can be anything.

const namespaces = {svg: 'http://www.w3.org/2000/svg'};

export function h(tag, attributes, ...children) {
  const element = namespaces[tag] ? document.createElementNS(namespaces[tag], tag)
                                  : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'href' && !value.startsWith('#')) throw new Error('links stay on the page');
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  add(element, children);
  return element;
}

export function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === '') continue;
    element.append(child instanceof Node ? child : document.createTextNode(plain(String(child))));
  }
  return element;
}

// What would reverse or hide text, or cannot be seen at all, is shown by its number.
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
export function plain(text) {
  return text.replace(unseen, c => c === '\r' ? '\\r'
    : `\\u{${c.charCodeAt(0).toString(16)}}`);
}

// The number of a place in the data: as people read it, and exactly as it is in `value`.
export function figure(place, format, attributes = {}) {
  if (!place.isNumber) return h('span', {class: 'none'}, '–');
  return h('data', {value: String(place.value), 'data-at': place.at, ...attributes},
           format(place.value));
}

export function section(id, title, words, ...children) {
  const inside = children.flat(Infinity).filter(child => child instanceof Node);
  if (inside.length === 0) return null;
  return h('section', {id, 'aria-labelledby': `${id}-title`},
           h('header', {class: 'head'}, h('h2', {id: `${id}-title`}, title),
             words && h('p', {class: 'words'}, words)),
           inside);
}

// Makes these the children of `element`. What is there already is not taken out and put in again: it
// keeps focus, scroll position and what the mouse points at.
export function arrange(element, children) {
  for (const child of [...element.children]) if (!children.includes(child)) child.remove();
  children.forEach((child, i) => {
    if (element.children[i] !== child) element.insertBefore(child, element.children[i] ?? null);
  });
}

export function css(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
