// SPDX-License-Identifier: MIT
// Ends that copy: looks at every section, uses every filter, and leaves a verdict.
const say = text => problems.push(text);
const shown = table => [...table.tBodies[0].rows].filter(row => !row.hidden);
const type = (field, value) => {
  field.value = value;
  field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input', {bubbles: true}));
};
const empty = [];
let tried = 0;
for (const name of SECTIONS) {
  const part = document.getElementById(name);
  if (!part) { say('section ' + name + ' is missing'); continue; }
  if (!part.querySelector('h2')) say('section ' + name + ' has no heading');
  const body = part.querySelector('table, svg, .none');
  if (!body || part.getBoundingClientRect().height < 80) say('section ' + name + ' shows nothing');
  if (!document.querySelector('nav a[href="#' + name + '"]'))
    say('nothing leads to section ' + name);
  if (part.querySelector('.none.bad')) say('the data of section ' + name + ' cannot be read');
  else if (part.querySelector('.none')) empty.push(name);
}
for (const box of document.querySelectorAll('.filter')) {
  const table = document.getElementById(box.dataset.table), rows = table.tBodies[0].rows;
  const field = box.querySelector('input'), choice = box.querySelector('select');
  const word = rows[rows.length - 1].cells[0].textContent;
  type(field, word);
  if (!shown(table).length || shown(table).some(row => !row.textContent.includes(word)))
    say(table.id + ': the filter does not find ' + word);
  type(field, 'no-row-has-this-word');
  if (shown(table).length) say(table.id + ': the filter hides nothing');
  if (box.querySelector('output').textContent !== '0 of ' + rows.length + ' rows')
    say(table.id + ': the number of rows is wrong: ' + box.querySelector('output').textContent);
  type(field, '');
  if (shown(table).length !== rows.length) say(table.id + ': an empty filter hides rows');
  for (const option of choice ? choice.options : []) {
    type(choice, option.value);
    const want = [...rows].filter(row => !option.value ||
      row.dataset.state.split(' ').includes(option.value));
    if (shown(table).length !== want.length) say(table.id + ': wrong rows for ' + option.text);
  }
  if (choice) type(choice, '');
  tried++;
}
for (const table of document.querySelectorAll('table'))
  if (!table.caption || !table.tHead ||
      !table.querySelector('tbody th[scope=row]') && table.tBodies[0].rows.length)
    say('table ' + table.id + ' lacks a caption or headings');
for (const drawing of document.querySelectorAll('svg'))
  if (!drawing.getAttribute('aria-label')) say('a drawing has no label');
const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
if (new Set(ids).size !== ids.length) say('an id is there twice');
if (document.documentElement.scrollWidth > innerWidth)
  say('the page is ' + document.documentElement.scrollWidth + ' wide, the window ' + innerWidth);
if (performance.getEntriesByType('resource').length) say('something was loaded from elsewhere');
const light = color => {
  const [r, g, b] = color.match(/[\d.]+/g).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = e => {
  for (; e; e = e.parentElement) {
    const color = getComputedStyle(e).backgroundColor;
    if (!/rgba\(.*, 0\)/.test(color)) return color;
  }
  return 'rgb(255, 255, 255)';
};
const words = 'p, a, h1, h2, h3, b, span, caption, th, td, summary, label, figcaption';
for (const e of document.querySelectorAll(words)) {
  const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) {
    say('too little contrast: ' + e.tagName + ' ' + e.className);
    break;
  }
}
document.documentElement.dataset.verdict = JSON.stringify({
  problems, empty, filters: tried, width: innerWidth,
  dark: matchMedia('(prefers-color-scheme: dark)').matches,
  ready: document.documentElement.dataset.ready === 'yes'});
