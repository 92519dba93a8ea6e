import { byId, element } from './elements.js';

const MARKS = { kept: '✓', exceeded: '✗', warned: '!', open: '?' };

/** The verdict, the facts, and everything that is a table or a list. All texts are set as text. */
export function fillTables(data) {
  const verdict = byId('verdict');
  verdict.className = data.verdict.kind;
  verdict.textContent = data.verdict.says;
  byId('facts').append(...data.facts.map(pair));
  const problems = byId('problems');
  problems.hidden = data.verdict.reasons.length === 0;
  problems.append(...data.verdict.reasons.map((each) => element('li', each)));
  fillRows('budgets', data.budgets, ({ expr, kind, measured, note }) =>
    row(kind, [MARKS[kind], 'mark'], [expr, 'name'], [measured, 'number'], [note, 'note']),
  );
  const advice = data.advice.map((each) => element('li', each));
  byId('advice').hidden = advice.length === 0;
  byId('advice')
    .querySelector('ul')
    .append(...advice);
  fillRows('counts', data.counts, ({ name, says, count, of }) =>
    row('', [name, 'name'], [String(count), 'number'], [`of ${of}`, 'number'], [says, 'note']),
  );
  fillRows('sounds', data.sounds, ({ kind, clip, level, times, fine }) =>
    row(
      fine ? 'kept' : 'warned',
      [fine ? '✓' : '!', 'mark'],
      [kind, ''],
      [clip, ''],
      [level, 'number'],
      [times, 'number'],
    ),
  );
  fillRows('findings', data.findings, ({ level, rule, side, times, first }) =>
    row(level, [level, 'level'], [rule, 'name'], [side, ''], [String(times), 'number'], [first, 'note']),
  );
  byId('machine')
    .querySelector('dl')
    .append(...data.machine.flatMap(([label, value]) => [element('dt', label), element('dd', value)]));
}

/** A label and what belongs to it. */
export function pair([label, value]) {
  const both = element('div');
  both.append(element('dt', label), element('dd', value));
  return both;
}

function fillRows(id, items, rowOf) {
  const section = byId(id);
  section.hidden = items.length === 0;
  section.querySelector('tbody').append(...items.map(rowOf));
}

function row(kind, ...cells) {
  const made = element('tr');
  made.className = kind;
  for (const [text, name] of cells) {
    const cell = element('td', text);
    cell.className = name;
    made.append(cell);
  }
  return made;
}
