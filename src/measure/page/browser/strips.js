import { byId } from './elements.js';
import { clockText, colour } from './theme.js';

/** `923 ms`, `2.3 s` */
export function durationText(ms) {
  const size = Math.abs(ms);
  const text = size >= 10_000 ? `${(size / 1000).toFixed(1)} s` : `${Math.round(size)} ms`;
  return ms < 0 ? `−${text}` : text;
}

/** What one can point at between the lanes. Each knows where it lies and what it says. */
export class Strips {
  constructor({ data, view, seek }) {
    this.view = view;
    this.seek = seek;
    this.items = [];
    const conversation = byId('conversation');
    const happenings = byId('happenings');
    if (data.greetingMs !== undefined)
      this.add(
        conversation,
        'turn',
        0,
        data.greetingMs,
        `greeting ${durationText(data.greetingMs)}`,
        'The agent greets',
      );
    for (const [index, turn] of data.turns.entries()) this.turn(conversation, turn, index + 1);
    for (const each of data.interruptions) this.interruption(conversation, each);
    for (const finding of data.findings) {
      const words = `${finding.level} ${finding.rule}: ${finding.message}`;
      this.add(happenings, `flag ${finding.level}`, finding.atMs, finding.atMs, '!', words);
    }
    for (const [atMs, droppedMs] of data.clears)
      this.add(happenings, 'flag clear', atMs, atMs, '×', `clear: ${durationText(droppedMs)} thrown away`);
    for (const [atMs, digit] of data.digits) this.add(happenings, 'flag key', atMs, atMs, digit, `key ${digit}`);
    // From the right to the left: see place().
    this.items.sort((a, b) => b.fromMs - a.fromMs);
    this.marks = data.marks;
    this.canvas = document.createElement('canvas');
    this.canvas.title = `${data.marks.length} marks`;
    happenings.prepend(this.canvas);
    view.onChange(() => this.place());
  }

  turn(place, { endMs, onsetMs, latencyMs, text }, number) {
    const said = text === undefined ? '' : `: “${text}”`;
    if (onsetMs === undefined) {
      this.add(place, 'turn none', endMs, endMs, 'no answer', `Turn ${number} was never answered${said}`);
      return;
    }
    const early = latencyMs < 0;
    const words = early
      ? `Turn ${number}: the agent began ${durationText(-latencyMs)} before the caller had finished${said}`
      : `Turn ${number}: answered after ${durationText(latencyMs)}${said}`;
    const [from, to] = early ? [onsetMs, endMs] : [endMs, onsetMs];
    this.add(place, early ? 'turn early' : 'turn', from, to, durationText(latencyMs), words);
  }

  /** Its parts are coloured stretches of one bar: until the model noticed, until the clear, until silence. */
  interruption(place, each) {
    const { startMs, speechStartedMs, clearMs, silentMs, outcome } = each;
    const endMs = silentMs ?? clearMs ?? startMs;
    const label = silentMs === undefined ? outcome : durationText(silentMs - startMs);
    const item = this.add(place, `stop ${outcome}`, startMs, endMs, label, interruptionText(each));
    const places = [startMs, speechStartedMs, clearMs, silentMs];
    let from = startMs;
    for (const [index, to] of places.entries()) {
      if (index === 0 || to === undefined || to <= from || endMs <= startMs) continue;
      const part = document.createElement('i');
      part.className = `part part-${index}`;
      part.style.left = `${((from - startMs) / (endMs - startMs)) * 100}%`;
      part.style.width = `${((to - from) / (endMs - startMs)) * 100}%`;
      item.append(part);
      from = to;
    }
  }

  add(place, kind, fromMs, toMs, label, words) {
    const item = document.createElement('button');
    item.type = 'button';
    item.className = `item ${kind}`;
    item.title = `${clockText(fromMs, 1)}  ${words}`;
    item.setAttribute('aria-label', `${clockText(fromMs, 1)} ${words}`);
    const text = document.createElement('span');
    text.textContent = label;
    item.append(text);
    item.addEventListener('click', (event) => {
      event.stopPropagation();
      // A short stretch is there to be looked into.
      if (kind.startsWith('stop')) this.view.show(fromMs - 300, Math.max(toMs, fromMs + 200) + 500);
      this.seek(fromMs);
    });
    place.append(item);
    // Letters of 11 px are at most 7 px wide on the average, and there is room around them.
    this.items.push({ item, fromMs, toMs, needs: label.length * 6.5 + 12, row: kind.startsWith('flag') ? 2 : 1 });
    return item;
  }

  place() {
    const width = this.canvas.clientWidth;
    /** Where the neighbour to the right begins: a label must end before it. */
    const next = [0, width, width];
    for (const { item, fromMs, toMs, needs, row } of this.items) {
      const leftPx = this.view.shareOf(fromMs) * width;
      if (row === 1) item.classList.toggle('tight', next[row] - leftPx < needs);
      next[row] = Math.min(next[row], leftPx);
      const from = this.view.shareOf(fromMs);
      const to = this.view.shareOf(toMs);
      item.hidden = to < 0 || from > 1;
      if (item.hidden) continue;
      item.style.left = `${from * 100}%`;
      if (row === 1) item.style.width = `${Math.max(0, to - from) * 100}%`;
    }
    this.drawMarks();
  }

  /** A relay sends ten a second: too many for elements. */
  drawMarks() {
    const { canvas, view } = this;
    const ratio = devicePixelRatio;
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const ctx = canvas.getContext('2d');
    ctx.clearRect(0, 0, width, height);
    ctx.fillStyle = colour('mark');
    let last = -1;
    for (const [atMs] of this.marks) {
      const x = Math.round(view.shareOf(atMs) * width);
      if (x < 0 || x > width || x === last) continue;
      last = x;
      ctx.fillRect(x, height * 0.25, ratio, height * 0.5);
    }
  }
}

/** The whole story of one interruption. */
export function interruptionText({ startMs, intoMs, speechStartedMs, clearMs, silentMs, leakMs, outcome }) {
  const after = (ms) => `+${durationText(ms - startMs)}`;
  const parts = [`Interruption ${(intoMs / 1000).toFixed(1)} s into the answer`];
  if (speechStartedMs !== undefined) parts.push(`speech_started ${after(speechStartedMs)}`);
  if (clearMs !== undefined) parts.push(`clear ${after(clearMs)}`);
  if (silentMs !== undefined) parts.push(`last audible sample ${after(silentMs)}`);
  if (leakMs !== undefined) parts.push(`${durationText(leakMs)} leaked`);
  parts.push(outcome);
  return parts.join(', ');
}
