import { byId, element } from './elements.js';
import { timeCell } from './tables.js';

/** The events as a table: filtered by words and by kind; a line that is chosen is where the cursor goes. */
export class Log {
  constructor({ data, seek }) {
    this.seek = seek;
    this.body = byId('log-rows');
    this.scroll = byId('log-scroll');
    this.hiddenKinds = new Set();
    this.words = '';
    this.rows = data.log.map(([atMs, kind, text]) => this.row(atMs, kind, text));
    this.body.append(...this.rows.map(({ line }) => line));
    this.current = undefined;
    this.kinds();
    const filter = byId('log-filter');
    filter.addEventListener('input', () => {
      this.words = filter.value.trim().toLowerCase();
      this.filter();
    });
    this.body.addEventListener('keydown', (event) => this.onKey(event));
    this.foot(data.logLeftOut);
  }

  row(atMs, kind, text) {
    const line = element('tr');
    line.className = `kind-${kind}`;
    const name = element('td', kind);
    name.className = 'kind';
    line.append(timeCell(atMs, this.seek), name, element('td', text));
    line.addEventListener('click', () => this.seek(atMs));
    return { line, atMs, kind, text: `${kind} ${text}`.toLowerCase() };
  }

  kinds() {
    const place = byId('log-kinds');
    for (const kind of new Set(this.rows.map((row) => row.kind))) {
      const button = element('button', kind);
      button.type = 'button';
      button.className = `kind-${kind}`;
      button.setAttribute('aria-pressed', 'true');
      button.addEventListener('click', () => {
        const show = this.hiddenKinds.delete(kind);
        if (!show) this.hiddenKinds.add(kind);
        button.setAttribute('aria-pressed', String(show));
        this.filter();
      });
      place.append(button);
    }
  }

  filter() {
    for (const { line, kind, text } of this.rows)
      line.hidden = this.hiddenKinds.has(kind) || !text.includes(this.words);
  }

  /** Marks the last event before the cursor, and keeps it in sight. */
  follow(ms) {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle].atMs <= ms + 0.05) low = middle + 1;
      else high = middle;
    }
    const row = this.rows[low - 1];
    if (row === this.current) return;
    this.current?.line.classList.remove('current');
    this.current = row;
    row?.line.classList.add('current');
    if (!row || row.line.hidden) return;
    const above = row.line.offsetTop - this.scroll.scrollTop;
    const inSight = above >= 0 && above + row.line.offsetHeight <= this.scroll.clientHeight;
    if (!inSight) this.scroll.scrollTop = row.line.offsetTop - this.scroll.clientHeight / 2;
  }

  onKey(event) {
    const by = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    let line = event.target.closest('tr')?.[by];
    while (line?.hidden) line = line[by];
    line?.querySelector('button').focus();
  }

  foot(leftOut) {
    const left = leftOut > 0 ? `${leftOut} more events are in events.jsonl, and so are ` : 'Left out: ';
    byId('log-foot').textContent = `${left}the caller's 50 frames a second.`;
  }
}
