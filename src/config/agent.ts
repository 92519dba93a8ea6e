import { turnTaking } from '../call/barge-in-policy.js';
import type { BargeInPolicy, CallPlan, Greeting, Recording } from '../call/plan.js';
import { DEFAULT_BARGE_IN } from '../call/plan.js';
import type { Tool } from '../call/tools/tool.js';
import type { Log } from '../log.js';
import type { ModelSession, OpenModel, TurnDetection } from '../model/model.js';
import type { AgentShape } from './agent-shape.js';
import { fillIn } from './template.js';

/** An agent with everything that can be made ready before there is a call. */
export interface ReadyAgent {
  readonly name: string;
  readonly shape: AgentShape;
  readonly models: readonly [OpenModel, ...OpenModel[]];
  readonly tools: readonly Tool[];
  readonly greeting?: Recording | undefined;
  readonly apology?: Recording | undefined;
}

/** Where the variables of one call come from, the first that knows one first. */
export type Variables = readonly Readonly<Record<string, string | undefined>>[];

/** What the relay does in one call of this agent. */
export function planOf(agent: ReadyAgent, variables: Variables, log: Log): CallPlan {
  const { name, shape, models, tools, apology } = agent;
  const sources = [...variables, shape.variables ?? {}];
  const missing = new Set<string>();
  const fill = (text: string): string => {
    const filled = fillIn(text, sources);
    for (const each of filled.missing) missing.add(each);
    return filled.text;
  };
  const greeting = greetingOf(agent, fill);
  const bargeIn = bargeInOf(shape);
  const instructions = withLanguage(fill(shape.instructions), shape.language);
  if (missing.size > 0) {
    log.warn('the instructions have variables that nothing is known of', {
      agent: name,
      variables: [...missing].join(','),
    });
  }
  return {
    agent: name,
    models,
    session: sessionOf(shape, instructions, turnDetectionOf(shape, bargeIn, greeting), tools),
    greeting,
    bargeIn,
    tools,
    ...(apology && { apology }),
    ...(shape.maxCall !== undefined && { maxCallMs: shape.maxCall }),
  };
}

function greetingOf({ shape, greeting: recorded }: ReadyAgent, fill: (text: string) => string): Greeting {
  const { greeting = 'model' } = shape;
  if (typeof greeting === 'string') return { by: greeting, interruptible: true };
  const { instructions, interruptible = true } = greeting;
  return {
    by: recorded ?? 'model',
    interruptible,
    ...(instructions !== undefined && { instructions: fill(instructions) }),
  };
}

function bargeInOf({ bargeIn = {} }: AgentShape): BargeInPolicy {
  return {
    speech: bargeIn.speech ?? DEFAULT_BARGE_IN.speech,
    minSpeechMs: bargeIn.minSpeech ?? DEFAULT_BARGE_IN.minSpeechMs,
    maxNoiseMs: bargeIn.maxNoise ?? DEFAULT_BARGE_IN.maxNoiseMs,
    backchannels: (bargeIn.backchannels ?? DEFAULT_BARGE_IN.backchannels).map(bare),
    digits: bargeIn.digits ?? DEFAULT_BARGE_IN.digits,
  };
}

/** As transcripts are compared: lower case, letters and digits. */
function bare(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function turnDetectionOf(
  { turnDetection = {} }: AgentShape,
  bargeIn: BargeInPolicy,
  greeting: Greeting,
): TurnDetection {
  const { type = 'server_vad', threshold, prefixPadding, silence, idleTimeout, eagerness } = turnDetection;
  return {
    type,
    ...(threshold !== undefined && { threshold }),
    ...(prefixPadding !== undefined && { prefixPaddingMs: prefixPadding }),
    ...(silence !== undefined && { silenceMs: silence }),
    ...(idleTimeout !== undefined && { idleTimeoutMs: idleTimeout }),
    ...(eagerness !== undefined && { eagerness }),
    ...turnTaking(bargeIn, greeting),
  };
}

function sessionOf(
  { voice, noiseReduction, transcription, language, maxOutputTokens }: AgentShape,
  instructions: string,
  turnDetection: TurnDetection,
  tools: readonly Tool[],
): ModelSession {
  return {
    instructions,
    turnDetection,
    tools: tools.map(({ declaration }) => declaration),
    history: [],
    ...(voice !== undefined && { voice }),
    ...(noiseReduction !== undefined && noiseReduction !== 'none' && { noiseReduction }),
    ...(transcription !== 'none' && {
      transcription: { ...transcription, ...(language !== undefined && { language }) },
    }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

function withLanguage(instructions: string, language: string | undefined): string {
  if (language === undefined) return instructions;
  const name = new Intl.DisplayNames(['en'], { type: 'language' }).of(language) ?? language;
  return `${instructions.trimEnd()}\n\nSpeak ${name}, unless the caller asks for another language.`;
}
