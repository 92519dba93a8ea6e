import type { LineSoon, Lines } from './lines.js';
import type { ModelScript } from './script/file.js';
import type { WrittenAnswer, WrittenResponse } from './script/grammar.js';
import type { Line } from './voice.js';
import { bare, wordsOf } from './words.js';

/** One item a response is to have. */
export type PlannedOutput =
  | { readonly type: 'speech'; readonly line: LineSoon }
  | { readonly type: 'call'; readonly name: string; readonly arguments: string; readonly takesMs: number };

/** What a response is to do. What is undefined is as always. */
export interface Answer {
  readonly outputs: readonly PlannedOutput[];
  readonly conduct: WrittenAnswer;
}

/** What the choice of an answer depends on. */
export interface Situation {
  /** The n-th response of the session, and the n-th session of the model, from 1. */
  readonly response: number;
  readonly session: number;
  readonly nobodyHasSpoken: boolean;
  /** What the caller said last, when somebody knows, and the how-manieth thing that was: it is answered once. */
  readonly heard?: string;
  readonly turn?: number;
  /** The instructions of this response alone. */
  readonly instructions?: string;
}

/** What a tool has answered and no response has taken up yet. */
export interface ToolAnswer {
  readonly name: string;
  readonly output: string;
}

interface Memory {
  /** How many of the script's responses without conditions, and of the voice's lines, have been said. */
  readonly nextResponse: number;
  readonly nextLine: number;
  readonly interrupted: boolean;
  readonly toolAnswers: readonly ToolAnswer[];
  /** Up to which turn the caller has been answered. */
  readonly answeredTurn: number;
}

/**
 * What the model says next: a line that the client's instructions quote; else the greeting while nobody has said
 * anything; else the first response of the script whose conditions fit; after an answer that was interrupted, the one
 * meant for that; else the responses without conditions, or the voice's lines, in their order and round again.
 */
export class Script {
  readonly #lines: Lines;
  readonly #script: Pick<ModelScript, 'greeting' | 'interrupted' | 'responses'>;
  #state: Memory = { nextResponse: 0, nextLine: 0, interrupted: false, toolAnswers: [], answeredTurn: 0 };
  /** What was so before the last answer was chosen. */
  #before: Memory = this.#state;

  constructor(lines: Lines, script: Pick<ModelScript, 'greeting' | 'interrupted' | 'responses'> = {}) {
    this.#lines = lines;
    this.#script = script;
  }

  /** An answer was cut short: cancelled while it was made, or truncated because the caller did not hear its end. */
  interrupted(): void {
    this.#state = { ...this.#state, interrupted: true };
  }

  /** The answer chosen last was cancelled before a sound of it was out: it is still to be said. */
  unsaid(): void {
    const { toolAnswers } = this.#state;
    this.#state = { ...this.#before, toolAnswers: [...this.#before.toolAnswers, ...toolAnswers] };
  }

  toolAnswered(answer: ToolAnswer): void {
    this.#state = { ...this.#state, toolAnswers: [...this.#state.toolAnswers, answer] };
  }

  next(situation: Situation): Answer {
    this.#before = this.#state;
    const { toolAnswers, interrupted, answeredTurn } = this.#state;
    const { turn = answeredTurn + 1 } = situation;
    const isNew = turn > answeredTurn;
    const fill = (text: string): string => filled(text, toolAnswers.at(-1)?.output ?? '', situation.heard ?? '');
    const fitting = (this.#script.responses ?? []).find(
      (each) => each.when && fits(each.when, situation, isNew, toolAnswers),
    );
    const quoted = quotedLine(situation.instructions);
    if (quoted !== undefined) {
      // A line of the client's own is no turn of the conversation: what was to come next still comes next.
      this.#before = { ...this.#state, toolAnswers: [] };
      const { say: _, call: __, output: ___, ...conduct } = (fitting?.when?.response && fitting) || {};
      return { outputs: [{ type: 'speech', line: this.#lines.spoken(quoted) }], conduct };
    }
    const answered = situation.turn ?? answeredTurn;
    this.#state = { ...this.#state, interrupted: false, toolAnswers: [], answeredTurn: answered };
    const { voice } = this.#lines;
    if (fitting) return this.#answer(fitting, fill);
    if (situation.nobodyHasSpoken)
      return this.#script.greeting ? this.#answer(this.#script.greeting, fill) : this.#say(voice.greeting);
    if (interrupted && this.#script.interrupted) return this.#answer(this.#script.interrupted, fill);
    if (interrupted && voice.interrupted) return this.#say(voice.interrupted);
    return this.#inTurn(fill);
  }

  #say(line: LineSoon): Answer {
    return { outputs: [{ type: 'speech', line }], conduct: {} };
  }

  #inTurn(fill: Fill): Answer {
    const inTurn = (this.#script.responses ?? []).filter(({ when }) => when === undefined);
    const { nextResponse } = this.#state;
    const written = inTurn[nextResponse % inTurn.length];
    if (!written) return this.#say(this.#nextOfVoice());
    this.#state = { ...this.#state, nextResponse: nextResponse + 1 };
    return this.#answer(written, fill);
  }

  #nextOfVoice(): Line {
    const { lines, greeting } = this.#lines.voice;
    const { nextLine } = this.#state;
    this.#state = { ...this.#state, nextLine: nextLine + 1 };
    return lines[nextLine % lines.length] ?? greeting;
  }

  #answer(written: WrittenAnswer, fill: Fill): Answer {
    const planned = (written.output ?? [written]).flatMap((item): PlannedOutput[] => {
      if (item.say !== undefined) return [{ type: 'speech', line: this.#lines.say(item.say, fill) }];
      if (item.call === undefined) return [];
      const { call: name, arguments: given = {}, takes: takesMs = 0 } = item;
      return [{ type: 'call', name, arguments: typeof given === 'string' ? given : JSON.stringify(given), takesMs }];
    });
    // A response that only says how to behave says the next line of the voice.
    if (planned.length === 0) planned.push({ type: 'speech', line: this.#nextOfVoice() });
    return { outputs: planned, conduct: written };
  }
}

type Fill = (text: string) => string;
type When = NonNullable<WrittenResponse['when']>;

function fits(when: When, situation: Situation, isNew: boolean, toolAnswers: readonly ToolAnswer[]): boolean {
  if (when.response !== undefined && when.response !== situation.response) return false;
  if (when.session !== undefined && when.session !== situation.session) return false;
  if (when.after !== undefined && !toolAnswers.some(({ name }) => name === when.after)) return false;
  return when.hears === undefined || (isNew && situation.heard !== undefined && hears(when.hears, situation.heard));
}

/** Whether words contain others, whatever their case and punctuation; `/…/` is a pattern. */
export function hears(wanted: string, heard: string): boolean {
  const pattern = /^\/(.*)\/$/s.exec(wanted)?.[1];
  if (pattern !== undefined) return new RegExp(pattern, 'iu').test(heard);
  const plain = (text: string): string => ` ${wordsOf(text).map(bare).filter(Boolean).join(' ')} `;
  return plain(heard).includes(plain(wanted));
}

/** The line that instructions tell to say: what stands in double quotes, the longest of it. */
export function quotedLine(instructions: string | undefined): string | undefined {
  const quotes = [...(instructions ?? '').matchAll(/"([^"]+)"|“([^”]+)”/g)].map((match) => match[1] ?? match[2]!);
  return quotes.sort((a, b) => b.length - a.length)[0];
}

/** Fills in `{{output}}`, `{{output.field}}` of JSON, and `{{heard}}`. */
export function filled(text: string, output: string, heard: string): string {
  return text.replace(/\{\{\s*(output|heard)(?:\.(\w+))?\s*\}\}/g, (_, name: string, field?: string) => {
    if (name === 'heard') return heard;
    return field === undefined ? output : fieldOf(output, field);
  });
}

function fieldOf(json: string, field: string): string {
  try {
    const value: unknown = JSON.parse(json);
    const found = typeof value === 'object' && value !== null && Object.hasOwn(value, field) ? value : undefined;
    return found === undefined ? '' : String((found as Record<string, unknown>)[field]);
  } catch {
    return '';
  }
}
