// Tables: numbers to the right, sorted by a click or Enter on a column's head, long ones folded.
import {h} from './dom.js';

const kShown = 25;

const keyOf = cell => {
  const exact = cell.querySelector('data');
  if (exact) return Number(exact.value);
  const text = cell.textContent;
  return text === '–' ? -Infinity : text;
};

function sortBy(table, column, head) {
  const down = head.getAttribute('aria-sort') !== 'descending';
  for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  order(table, column, down);
}

// As its reader wanted it, after its rows changed.
export function sortAgain(table) {
  const heads = [...table.tHead?.rows[0].cells ?? []];
  const column = heads.findIndex(head => head.hasAttribute('aria-sort'));
  if (column >= 0)
    order(table, column, heads[column].getAttribute('aria-sort') === 'descending');
}

function order(table, column, down) {
  const body = table.tBodies[0];
  const compare = (a, b) => typeof a === 'number' && typeof b === 'number' ? a - b
    : String(a).localeCompare(String(b), undefined, {numeric: true});
  const rows = [...body.rows].map(row => [keyOf(row.cells[column]), row]);
  rows.sort((a, b) => down ? compare(b[0], a[0]) : compare(a[0], b[0]));
  if (rows.some(([, row], i) => body.rows[i] !== row)) body.append(...rows.map(([, row]) => row));
}

// columns: [{head, title, text: true}]; rows: arrays of what h() takes as children, or
// {cells, bad, detail}. A detail is a second, fainter line below the first cell.
export function table(caption, columns, rows, {sortable = true} = {}) {
  if (rows.length === 0) return null;
  const element = h('table', {}, h('caption', {}, caption));
  element.append(h('thead', {}, h('tr', {}, columns.map((column, i) => {
    const head = h('th', {scope: 'col', class: column.text ? 'text' : 'number',
                          title: column.title});
    // By where they are, not by what was made here: tables are mended in place while a run goes on.
    const sort = ({currentTarget}) => sortBy(currentTarget.closest('table'), i,
                                             currentTarget.closest('th'));
    const sorts = sortable && rows.length > 1 && column.head !== '';
    head.append(sorts
      ? h('button', {type: 'button', onclick: sort}, column.head)
      : column.head);
    return head;
  }))));
  element.append(h('tbody', {}, rows.map(row => {
    const cells = Array.isArray(row) ? row : row.cells;
    return h('tr', {class: row.bad && 'bad'}, cells.map((cell, i) => {
      const tag = i === 0 ? 'th' : 'td';
      return h(tag, {class: columns[i].text ? 'text' : 'number', scope: i === 0 ? 'row' : null},
               cell, i === 0 && row.detail && h('div', {class: 'detail'}, row.detail));
    }));
  })));
  return folded(element, rows.length);
}

function folded(element, rows) {
  const box = h('div', {class: 'table', tabindex: 0, role: 'region',
                        'aria-label': element.caption.textContent}, element);
  if (rows <= kShown) return box;
  element.classList.add('folded');
  const button = h('button', {type: 'button', class: 'more', 'aria-expanded': 'false',
    onclick: () => {
      const table = button.parentElement.querySelector('table');
      const open = !table.classList.toggle('folded');
      button.setAttribute('aria-expanded', String(open));
      button.textContent = open ? `show ${kShown} only` : `show all ${table.tBodies[0].rows.length}`;
    }}, `show all ${rows}`);
  return h('div', {}, box, button);
}

// Facts as a list of terms.
export function facts(rows) {
  const there = rows.filter(([, value]) => value !== null && value !== undefined && value !== '');
  if (there.length === 0) return null;
  return h('dl', {class: 'facts'}, there.map(([term, value]) =>
    h('div', {}, h('dt', {}, term), h('dd', {}, value))));
}
