import type { HeardUtterance } from './ear.js';

/** Something that can be asked about the agent, by `expect` and by `if`. Without a time it is answered at once. */
export type Condition =
  /** It says something, at most so long after the caller's last word. */
  | { readonly type: 'speaks'; readonly withinMs?: number }
  /** It says nothing for so long. */
  | { readonly type: 'silent'; readonly forMs?: number }
  /** It was speaking when the caller began, and fell silent at most so long after that. */
  | { readonly type: 'stops'; readonly withinMs?: number }
  /** It was speaking when the caller began, and was still to be heard so long after that. */
  | { readonly type: 'goes-on'; readonly forMs?: number }
  /** A mark (of this name) that the server sent has been played and went back to it. */
  | { readonly type: 'mark'; readonly name?: string; readonly withinMs?: number }
  /** The server has made no mistake of this level or a worse one. */
  | { readonly type: 'no-lint'; readonly level: 'error' | 'warning' };

/** A mark that went back to the server. */
export interface ReturnedMark {
  readonly name: string;
  readonly atMs: number;
}

/** What a caller knows when it judges. */
export interface Facts {
  readonly utterances: readonly HeardUtterance[];
  /** What the agent has said or is saying since the caller last began to speak. */
  readonly answer: HeardUtterance | undefined;
  /** When the caller last began to speak, to cough or to hum. */
  readonly beganMs: number;
  /** From when on times count: the caller's last word, or the end of the last step that was not one. */
  readonly sinceMs: number;
  /** Marks that no expectation has been met with. */
  readonly marks: readonly ReturnedMark[];
  readonly lint: { readonly error: number; readonly warning: number };
  /** Everything until here is known. */
  readonly nowMs: number;
}

export interface Verdict {
  readonly ok: boolean;
  /** What there was instead, or how well it was met: "it spoke after 623 ms". */
  readonly found: string;
  /** When it was decided. */
  readonly atMs: number;
  /** The mark it was met with. */
  readonly mark?: ReturnedMark;
}

/** The ear needs this long to be sure of an onset: only then is it certain that there was none. */
const EAR_LAG_MS = 30;

/** Answers a condition, `undefined` while that needs more time. Pure. */
export function judge(condition: Condition, facts: Facts): Verdict | undefined {
  switch (condition.type) {
    case 'speaks':
      return speaks(condition.withinMs, facts);
    case 'silent':
      return silent(condition.forMs, facts);
    case 'stops':
      return stops(condition.withinMs, facts);
    case 'goes-on':
      return goesOn(condition.forMs, facts);
    case 'mark':
      return mark(condition, facts);
    case 'no-lint': {
      const { error, warning } = facts.lint;
      const errors = condition.level === 'error' ? error : error + warning;
      const found = errors === 0 ? 'none' : `${errors} finding${errors === 1 ? '' : 's'}`;
      return { ok: errors === 0, found, atMs: facts.nowMs };
    }
  }
}

/** What was asked, for people. */
export function describe(condition: Condition): string {
  switch (condition.type) {
    case 'speaks':
      return `the agent speaks${time(' within', condition.withinMs)}`;
    case 'silent':
      return `the agent stays silent${time(' for', condition.forMs)}`;
    case 'stops':
      return `the agent stops${time(' within', condition.withinMs)}`;
    case 'goes-on':
      return `the agent goes on${time(' for', condition.forMs)}`;
    case 'mark': {
      const name = condition.name === undefined ? 'a mark' : `the mark "${condition.name}"`;
      return `${name} comes back${time(' within', condition.withinMs)}`;
    }
    case 'no-lint':
      return `no finding of level ${condition.level}${condition.level === 'warning' ? ' or error' : ''}`;
  }
}

function speaks(withinMs: number | undefined, { answer, sinceMs, nowMs }: Facts): Verdict | undefined {
  if (answer) {
    const ms = answer.startMs - sinceMs;
    const found = ms < 0 ? 'it spoke before the caller had finished' : `it spoke after ${rounded(ms)}`;
    return { ok: withinMs === undefined || ms <= withinMs, found, atMs: nowMs };
  }
  return whenOver(nowMs, withinMs, sinceMs, { ok: false, found: 'it said nothing' });
}

function silent(forMs: number | undefined, facts: Facts): Verdict | undefined {
  const { utterances, answer, sinceMs, nowMs } = facts;
  if (forMs === undefined) return { ok: !answer, found: answer ? 'it spoke' : 'it said nothing', atMs: nowMs };
  const heard = utterances.find(({ lastAudibleMs }) => lastAudibleMs > sinceMs);
  if (heard && heard.startMs < sinceMs + forMs) {
    const ms = Math.max(0, heard.startMs - sinceMs);
    return { ok: false, found: ms === 0 ? 'it was speaking' : `it spoke after ${rounded(ms)}`, atMs: nowMs };
  }
  return whenOver(nowMs, forMs, sinceMs, { ok: true, found: 'it said nothing' });
}

function stops(withinMs: number | undefined, facts: Facts): Verdict | undefined {
  const { beganMs, nowMs } = facts;
  const over = spokenOver(facts);
  if (!over) return { ok: false, found: 'it was not speaking', atMs: nowMs };
  const ms = over.lastAudibleMs - beganMs;
  if (over.finishedMs !== undefined)
    return { ok: withinMs === undefined || ms <= withinMs, found: `it fell silent after ${rounded(ms)}`, atMs: nowMs };
  if (withinMs === undefined) return { ok: false, found: 'it was still speaking', atMs: nowMs };
  // Silent by now, but for so short a time that it may be a pause: that needs more time.
  if (ms <= withinMs) return undefined;
  return { ok: false, found: `it was still speaking after ${rounded(ms)}`, atMs: nowMs };
}

function goesOn(forMs: number | undefined, facts: Facts): Verdict | undefined {
  const { beganMs, nowMs } = facts;
  const over = spokenOver(facts);
  if (!over) return { ok: false, found: 'it was not speaking', atMs: nowMs };
  const ms = over.lastAudibleMs - beganMs;
  if (over.finishedMs !== undefined && (forMs === undefined || ms < forMs))
    return { ok: false, found: `it fell silent after ${rounded(ms)}`, atMs: nowMs };
  if (forMs !== undefined && ms < forMs) return undefined;
  return { ok: true, found: `it was still speaking after ${rounded(ms)}`, atMs: nowMs };
}

function mark(condition: Condition & { type: 'mark' }, { marks, beganMs, sinceMs, nowMs }: Facts): Verdict | undefined {
  const { name, withinMs } = condition;
  // One without a name has to be of this turn: servers send marks all the time.
  const found = marks.find((each) => (name === undefined ? each.atMs >= beganMs : each.name === name));
  if (found) {
    const ms = Math.max(0, found.atMs - sinceMs);
    const ok = withinMs === undefined || ms <= withinMs;
    return { ok, found: `"${found.name}" came back after ${rounded(ms)}`, atMs: nowMs, mark: found };
  }
  return whenOver(nowMs, withinMs, sinceMs, { ok: false, found: 'none came back' });
}

/** What the agent was saying when the caller began. */
function spokenOver({ utterances, beganMs }: Facts): HeardUtterance | undefined {
  return utterances.findLast(({ startMs, lastAudibleMs }) => startMs < beganMs && lastAudibleMs > beganMs);
}

function whenOver(
  nowMs: number,
  ms: number | undefined,
  sinceMs: number,
  verdict: Omit<Verdict, 'atMs'>,
): Verdict | undefined {
  const atMs = ms === undefined ? nowMs : sinceMs + ms + EAR_LAG_MS;
  return nowMs >= atMs ? { ...verdict, atMs } : undefined;
}

function time(word: string, ms: number | undefined): string {
  return ms === undefined ? '' : `${word} ${rounded(ms)}`;
}

function rounded(ms: number): string {
  return `${Math.round(ms)} ms`;
}
