import type { HistoryLine, ModelConnection } from '../model/model.js';

interface Missed {
  readonly line: HistoryLine;
  readonly isHeard: boolean;
}

/**
 * What a new session is told of the call so far, and how that is put right when a line that was still playing then is
 * interrupted after all.
 */
export class ModelMemory {
  readonly #before: readonly HistoryLine[];
  readonly #heard: () => readonly HistoryLine[];
  /** The agent's lines as they were told. */
  #told: readonly HistoryLine[] = [];
  #mends = false;
  /** What came while there was no session; `heard` does not tell of everything. */
  #missed: Missed[] = [];

  /** `before`: from before the call; `heard`: of the call. */
  constructor(before: readonly HistoryLine[], heard: () => readonly HistoryLine[]) {
    this.#before = before;
    this.#heard = heard;
  }

  /** There is no session that could be told this. `isHeard`: `heard` will tell of it. */
  missed(line: HistoryLine, isHeard: boolean): void {
    this.#missed.push({ line, isHeard });
  }

  /** For the first session of the call, which knows what was before. */
  begin(model: ModelConnection): void {
    for (const { line } of this.#takeMissed()) model.addText(line);
  }

  give(model: ModelConnection): void {
    const missed = this.#takeMissed().filter(({ isHeard }) => !isHeard);
    const lines = this.#remember();
    for (const line of [...this.#before, ...lines, ...missed.map(({ line }) => line)]) model.addText(line);
  }

  /** For a model that remembers all it had made: also what was never sent, because it broke off in the middle. */
  correct(model: ModelConnection, brokeOff: boolean): void {
    const last = this.#remember().findLast(isAgent);
    if (last && brokeOff) model.addText(heardOnly(last.text));
    this.begin(model);
  }

  /** A line that it was told as heard has been cut short. Once: only the last line can still have been playing. */
  mend(model: ModelConnection): void {
    if (!this.#mends) return;
    const place = this.#told.length - 1;
    const now = this.#heard().filter(isAgent)[place]?.text ?? '';
    if (now === this.#told[place]?.text) return;
    this.#mends = false;
    model.addText(heardOnly(now));
  }

  #takeMissed(): Missed[] {
    const missed = this.#missed;
    this.#missed = [];
    return missed;
  }

  #remember(): readonly HistoryLine[] {
    const lines = this.#heard();
    this.#told = lines.filter(isAgent);
    this.#mends = this.#told.length > 0;
    return lines;
  }
}

const isAgent = ({ role }: HistoryLine): boolean => role === 'agent';

/** Takes back what a model believes of its last line. */
export function heardOnly(text: string): HistoryLine {
  const what = text === '' ? 'nothing' : `only this: "${text}"`;
  return { role: 'system', text: `Your last answer was cut off. The caller has heard ${what}.` };
}
