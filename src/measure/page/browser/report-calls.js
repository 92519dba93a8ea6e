import { byId, element } from './elements.js';
import { clockText } from './theme.js';

/** More rows at once would make a browser slow. */
const ROWS_AT_ONCE = 100;

/** One row per call: who spoke when, how long the caller waited, where a clear came. A click goes to the call's page. */
export function fillCalls(calls) {
  byId('calls').hidden = calls.length === 0;
  const rows = byId('call-rows');
  const more = byId('more-calls');
  const longest = calls.reduce((most, { durationMs }) => Math.max(most, durationMs), 1);
  let shown = 0;
  let scenario;
  const show = () => {
    for (const call of calls.slice(shown, shown + ROWS_AT_ONCE)) {
      if (call.scenario !== scenario) {
        scenario = call.scenario;
        const title = element('div', scenario);
        title.className = 'scenario';
        rows.append(title);
      }
      rows.append(callRow(call, longest));
    }
    shown = Math.min(calls.length, shown + ROWS_AT_ONCE);
    more.hidden = shown === calls.length;
    more.textContent = `${calls.length - shown} more`;
  };
  more.addEventListener('click', show);
  show();
}

function callRow(call, longest) {
  const row = element('div');
  row.className = call.trouble === undefined ? 'call' : 'call trouble';
  const says = element('span', wordsOf(call));
  says.className = 'says';
  row.append(nameOf(call), lanesOf(call, longest), says);
  return row;
}

function nameOf({ name, page, scenario }) {
  if (page === undefined) return element('span', name);
  const link = /** @type {HTMLAnchorElement} */ (element('a', name));
  link.href = page;
  link.title = `Look into and listen to ${scenario}, ${name}`;
  return link;
}

function lanesOf(call, longest) {
  const lanes = element('div');
  lanes.className = 'lanes';
  lanes.setAttribute('role', 'img');
  lanes.setAttribute('aria-label', `${call.name}: ${wordsOf(call)}`);
  const span = (kind, fromMs, toMs, title) => {
    const piece = element('i');
    piece.className = kind;
    piece.style.left = `${(fromMs / longest) * 100}%`;
    if (toMs !== undefined) piece.style.width = `${((toMs - fromMs) / longest) * 100}%`;
    piece.title = title;
    lanes.append(piece);
  };
  for (const [endMs, playoutMs] of call.turns) {
    const at = clockText(endMs, 1);
    if (playoutMs === undefined) span('none', endMs, undefined, `${at} never answered`);
    else if (playoutMs < 0) span('early', endMs + playoutMs, endMs, `${at} answered ${-playoutMs} ms too early`);
    else span('wait', endMs, endMs + playoutMs, `${at} answered after ${playoutMs} ms`);
  }
  for (const [fromMs, toMs, interrupts] of call.speech)
    span(interrupts ? 'over' : 'caller', fromMs, toMs, `${clockText(fromMs, 1)} the caller speaks`);
  for (const [fromMs, toMs] of call.answers)
    span('agent', fromMs, toMs, `${clockText(fromMs, 1)} the agent is heard for ${toMs - fromMs} ms`);
  for (const atMs of call.clears) span('clear', atMs, undefined, `${clockText(atMs, 1)} clear`);
  return lanes;
}

function wordsOf({ trouble, turns, interruptions, durationMs }) {
  if (trouble !== undefined) return trouble;
  const waits = turns.flatMap(([, playoutMs]) => (playoutMs === undefined ? [] : [playoutMs]));
  const missing = turns.length - waits.length;
  const stops = interruptions.flatMap(([, , stopMs]) => (stopMs === undefined ? [] : [stopMs]));
  const missed = interruptions.filter(([, outcome]) => outcome === 'missed').length;
  const parts = [
    waits.length > 0 ? `answered after ${Math.max(...waits)} ms` : '',
    missing > 0 ? `${missing} never answered` : '',
    stops.length > 0 ? `silent after ${Math.max(...stops)} ms` : '',
    missed > 0 ? `${missed} missed` : '',
  ].filter((part) => part !== '');
  return parts.length > 0 ? parts.join(', ') : clockText(durationMs, 1);
}
