import type { CarrierScript } from '../carrier-script.js';
import type { Condition } from '../expectation.js';
import type { SoundKind } from '../labels.js';
import type { BuiltInSound } from '../sounds.js';
import type { EchoPath, InterruptAt } from './steps.js';

/** A sound as it stands in a call.yaml; files are still names. */
export type WrittenSound = { readonly line: number } & (
  | { readonly file: string }
  | { readonly text: string }
  | { readonly silenceMs: number }
  | { readonly tone: { readonly hz: number; readonly ms: number; readonly dbov: number } }
  | { readonly noise: { readonly ms: number; readonly dbov: number } }
  | { readonly sound: BuiltInSound }
);

/** One sound, or several one behind the other. */
export type WrittenSounds = readonly WrittenSound[];

/** A step as it stands in a call.yaml, checked. `line` counts from 1. */
export type WrittenStep = { readonly line: number; readonly timeoutMs?: number } & (
  | { readonly type: 'say'; readonly sounds: WrittenSounds }
  | { readonly type: 'interrupt'; readonly sounds: WrittenSounds; readonly when: InterruptAt }
  | { readonly type: 'aside'; readonly kind: SoundKind; readonly sounds: WrittenSounds; readonly when?: InterruptAt }
  | { readonly type: 'wait'; readonly until: 'agent-starts' | 'agent-finishes' }
  | { readonly type: 'pause'; readonly ms: number }
  | { readonly type: 'digits'; readonly digits: string; readonly tone?: true; readonly gapMs?: number }
  | { readonly type: 'expect'; readonly that: Condition }
  | {
      readonly type: 'if';
      readonly that: Condition;
      readonly yes: readonly WrittenStep[];
      readonly no: readonly WrittenStep[];
    }
  | { readonly type: 'hangup' }
  | { readonly type: 'drop' }
  | { readonly type: 'reconnect'; readonly afterMs: number }
);

export interface WrittenBackground {
  readonly line: number;
  readonly kind: 'white' | 'babble' | 'hum' | 'file';
  readonly dbov: number;
  readonly file?: string;
}

export interface WrittenCall extends CarrierScript {
  readonly name?: string;
  readonly description?: string;
  /** Path of a script for the simulated model. */
  readonly model?: string;
  readonly noise?: WrittenBackground;
  readonly echo?: EchoPath;
  readonly steps: readonly WrittenStep[];
}
