// SPDX-License-Identifier: MIT
// Filters of tables: a row is shown if it has all words of the field and the chosen state.
'use strict';
for (const box of document.querySelectorAll('.filter')) {
  const rows = [...document.getElementById(box.dataset.table).tBodies[0].rows];
  const text = box.querySelector('input'), state = box.querySelector('select');
  const count = box.querySelector('output');
  const show = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const hay = row.textContent.toLowerCase();
      row.hidden = !(words.every(word => hay.includes(word)) &&
        (!state || !state.value || row.dataset.state.split(' ').includes(state.value)));
      shown += !row.hidden;
    }
    count.textContent = shown + ' of ' + rows.length + ' rows';
  };
  text.addEventListener('input', show);
  if (state) state.addEventListener('change', show);
  show();
}
document.documentElement.dataset.ready = 'yes';
