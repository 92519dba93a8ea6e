import { byId, element } from './elements.js';
import { durationText } from './strips.js';
import { clockText } from './theme.js';

/** Longer texts may be broken. */
const LONG_CELL = 20;

/** Facts, the numbers in large type, and the tables under the waveforms. All texts are set as text. */
export function fillPage(data, seek) {
  const facts = byId('facts');
  for (const [label, value] of data.facts) {
    const pair = element('div');
    pair.append(element('dt', label), element('dd', value));
    facts.append(pair);
  }
  const problems = byId('problems');
  problems.hidden = data.problems.length === 0;
  problems.append(...data.problems.map((each) => element('li', each)));
  byId('numbers').append(...numbersOf(data).map(card));
  const tables = byId('tables');
  tables.append(...tablesOf(data, seek));
}

function numbersOf(data) {
  const latencies = data.turns.flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]));
  const stops = data.interruptions.flatMap(({ silentMs, startMs }) =>
    silentMs === undefined ? [] : [silentMs - startMs],
  );
  const missed = data.interruptions.filter(({ outcome }) => outcome === 'missed').length;
  const unanswered = data.turns.length - latencies.length;
  const errors = data.findings.filter(({ level }) => level === 'error').length;
  const told = data.truncations.flatMap(({ errorMs }) => (errorMs === undefined ? [] : [Math.abs(errorMs)]));
  const missing = data.truncations.filter(({ verdict }) => verdict === 'missing').length;
  const numbers = [];
  if (data.greetingMs !== undefined) numbers.push({ label: 'greeting after', value: durationText(data.greetingMs) });
  if (data.turns.length > 0) {
    const note =
      unanswered > 0 ? `${unanswered} of ${data.turns.length} never answered` : `slowest of ${data.turns.length}`;
    const value = latencies.length > 0 ? durationText(Math.max(...latencies)) : 'none';
    numbers.push({ label: 'answer after', value, note, bad: unanswered > 0 });
  }
  if (data.interruptions.length > 0) {
    const note =
      missed > 0 ? `${missed} of ${data.interruptions.length} missed` : `slowest of ${data.interruptions.length}`;
    const value = stops.length > 0 ? durationText(Math.max(...stops)) : 'never';
    numbers.push({ label: 'silent after', value, note, bad: missed > 0 });
  }
  if (told.length > 0 || missing > 0) {
    const value = told.length > 0 ? `${Math.max(...told).toFixed(1)} ms` : 'not told';
    const note = missing > 0 ? `${missing} not told` : 'what the model believes was heard';
    numbers.push({ label: 'truncation error', value, note, bad: missing > 0 });
  }
  const warnings = data.findings.length - errors;
  const found = data.findings.length === 0 ? 'none' : String(data.findings.length);
  const note =
    data.findings.length === 0 ? 'as Twilio would judge' : `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  numbers.push({ label: 'findings', value: found, note, bad: errors > 0, good: data.findings.length === 0 });
  return numbers;
}

function count(n, what) {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

function card({ label, value, note, bad = false, good = false }) {
  const box = element('div');
  box.className = `card${bad ? ' bad' : ''}${good ? ' good' : ''}`;
  box.append(element('span', label), element('strong', value));
  if (note) box.append(element('small', note));
  return box;
}

function tablesOf(data, seek) {
  const tables = [];
  if (data.changes) {
    const rows = data.changes.map(({ what, before, after, change, verdict }) => ({
      cells: [what, before, after, change],
      kind: verdict,
    }));
    tables.push(table('Against the recorded call', ['', 'then', 'now', 'change'], rows, seek));
  }
  if (data.turns.length > 0) {
    const rows = data.turns.map(({ endMs, latencyMs, answerMs, text }, index) => ({
      atMs: endMs,
      cells: [
        String(index + 1),
        text ?? '',
        latencyMs === undefined ? 'never' : durationText(latencyMs),
        answerMs === undefined ? '' : `past a filler ${durationText(answerMs)}`,
      ],
      kind: latencyMs === undefined ? 'worse' : '',
    }));
    tables.push(table('Turns', ['', 'the caller said', 'answered after', ''], rows, seek));
  }
  if (data.interruptions.length > 0) {
    const after = (each, ms) => (ms === undefined ? '–' : `+${durationText(ms - each.startMs)}`);
    const rows = data.interruptions.map((each) => ({
      atMs: each.startMs,
      cells: [
        `${(each.intoMs / 1000).toFixed(1)} s`,
        after(each, each.speechStartedMs),
        after(each, each.clearMs),
        after(each, each.silentMs),
        each.leakMs === undefined ? '–' : durationText(each.leakMs),
        each.outcome,
      ],
      kind: each.outcome === 'missed' ? 'worse' : '',
    }));
    const head = ['into the answer', 'speech_started', 'clear', 'last audible', 'leaked', 'outcome'];
    tables.push(table('Interruptions', head, rows, seek));
  }
  if (data.expectations.length > 0) {
    const rows = data.expectations.map(({ atMs, expected, found, ok }) => ({
      atMs,
      cells: [ok ? 'yes' : 'no', expected, found],
      kind: ok ? '' : 'worse',
    }));
    tables.push(table('What the script expected', ['', 'expected', 'found'], rows, seek));
  }
  if (data.truncations.length > 0) {
    const rows = data.truncations.map(({ totalMs, playedMs, toldMs, errorMs, verdict }) => ({
      cells: [
        `${Math.round(playedMs)} of ${durationText(totalMs)}`,
        toldMs === undefined ? 'nothing' : durationText(toldMs),
        errorMs === undefined ? '' : `${errorMs >= 0 ? '+' : '−'}${Math.abs(errorMs).toFixed(1)} ms`,
        verdict === 'told' ? '' : verdict,
      ],
      kind: verdict === 'missing' ? 'worse' : '',
    }));
    tables.push(table('What the model was told', ['heard', 'told', 'error', ''], rows, seek));
  }
  if (data.findings.length > 0) tables.push(findings(data.findings, seek));
  if (data.notes.length > 0) {
    const notes = element('section');
    const list = element('ul');
    list.append(...data.notes.map((note) => element('li', note)));
    notes.append(element('h2', 'Notes'), list);
    tables.push(notes);
  }
  return tables;
}

function table(title, head, rows, seek) {
  const section = element('section');
  const box = element('div');
  box.className = 'scroll';
  const grid = element('table');
  const timed = rows.some(({ atMs }) => atMs !== undefined);
  const headRow = element('tr');
  for (const label of timed ? ['at', ...head] : head) headRow.append(element('th', label));
  const thead = element('thead');
  thead.append(headRow);
  const body = element('tbody');
  for (const { atMs, cells, kind } of rows) {
    const line = element('tr');
    line.className = kind ?? '';
    if (timed) line.append(timeCell(atMs, seek));
    for (const cell of cells) {
      const place = element('td', cell);
      if (cell.length > LONG_CELL) place.className = 'long';
      line.append(place);
    }
    body.append(line);
  }
  grid.append(thead, body);
  box.append(grid);
  section.append(element('h2', title), box);
  return section;
}

export function timeCell(atMs, seek) {
  const cell = element('td');
  const jump = element('button', clockText(atMs, 1));
  jump.type = 'button';
  jump.className = 'jump';
  jump.addEventListener('click', () => seek(atMs));
  cell.className = 'at';
  cell.append(jump);
  return cell;
}

/** To Twilio's own page, and nowhere else: nothing is fetched until somebody follows it. */
function link(page) {
  const line = element('p');
  if (!page.startsWith('https://www.twilio.com/')) return line;
  const anchor = /** @type {HTMLAnchorElement} */ (element('a', 'what Twilio writes about it'));
  anchor.href = page;
  anchor.rel = 'noreferrer';
  line.append(anchor);
  return line;
}

function findings(list, seek) {
  const section = element('section');
  section.append(element('h2', 'Findings'));
  for (const { atMs, level, rule, code, message, twilio, excerpt, instead, page } of list) {
    const box = element('article');
    box.className = `finding ${level}`;
    const head = element('header');
    const jump = element('button', clockText(atMs, 1));
    jump.type = 'button';
    jump.className = 'jump';
    jump.addEventListener('click', () => seek(atMs));
    head.append(jump, element('b', rule), element('span', code === undefined ? level : `${level} ${code}`));
    box.append(head, element('p', message));
    if (twilio) box.append(element('p', `Twilio ${twilio}`));
    if (instead) box.append(element('p', `Send instead: ${instead}`));
    if (excerpt) box.append(element('pre', excerpt));
    if (page) box.append(link(page));
    section.append(box);
  }
  return section;
}
