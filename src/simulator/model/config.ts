import { REFUSALS } from './api-error.js';
import type { SessionUpdate, WireFormat } from './schema.js';

type Input = NonNullable<NonNullable<SessionUpdate['audio']>['input']>;
type Output = NonNullable<NonNullable<SessionUpdate['audio']>['output']>;
export type TurnDetection = NonNullable<Input['turn_detection']>;

/** The session object as `session.created` and `session.updated` show it: every property is there. */
export interface SessionConfig {
  readonly type: 'realtime';
  readonly object: 'realtime.session';
  readonly id: string;
  readonly model: string;
  readonly output_modalities: ('text' | 'audio')[];
  readonly instructions: string;
  readonly tools: NonNullable<SessionUpdate['tools']>;
  readonly tool_choice: NonNullable<SessionUpdate['tool_choice']>;
  readonly max_output_tokens: number | 'inf';
  readonly tracing: SessionUpdate['tracing'] | null;
  readonly truncation: NonNullable<SessionUpdate['truncation']>;
  readonly prompt: SessionUpdate['prompt'] | null;
  readonly include: SessionUpdate['include'] | null;
  readonly parallel_tool_calls?: boolean;
  readonly reasoning?: SessionUpdate['reasoning'];
  /** Seconds since 1970. */
  readonly expires_at: number;
  readonly audio: {
    readonly input: {
      readonly format: WireFormat;
      readonly transcription: Input['transcription'] | null;
      readonly noise_reduction: Input['noise_reduction'] | null;
      readonly turn_detection: TurnDetection | null;
    };
    readonly output: {
      readonly format: WireFormat;
      readonly voice: NonNullable<Output['voice']>;
      readonly speed: number;
    };
  };
}

export interface SessionDefaults {
  readonly silenceDurationMs: number;
  readonly prefixPaddingMs: number;
}

/** What a session is before the client has said how it wants it: linear 24 kHz audio and server_vad. */
export function initialConfig(
  id: string,
  model: string,
  expiresAtMs: number,
  defaults: SessionDefaults,
): SessionConfig {
  return {
    type: 'realtime',
    object: 'realtime.session',
    id,
    model,
    output_modalities: ['audio'],
    instructions: 'You are the simulated model of voicebridge. You answer with recorded lines.',
    tools: [],
    tool_choice: 'auto',
    max_output_tokens: 'inf',
    tracing: null,
    truncation: 'auto',
    prompt: null,
    include: null,
    expires_at: Math.floor(expiresAtMs / 1000),
    audio: {
      input: {
        format: { type: 'audio/pcm', rate: 24_000 },
        transcription: null,
        noise_reduction: null,
        turn_detection: turnDetection({ type: 'server_vad' }, undefined, defaults),
      },
      output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'alloy', speed: 1 },
    },
  };
}

/**
 * The session after an update. Only the given properties change, also inside `audio.input` and `audio.output`; a
 * turn detection of the same type keeps what the update does not name; `null` switches off. The model of a session
 * cannot change: another name is accepted and has no effect. Throws ApiError, and changes nothing, when the update
 * names another voice after the model has spoken.
 */
export function mergedConfig(
  config: SessionConfig,
  update: SessionUpdate,
  hasSpoken: boolean,
  defaults: SessionDefaults,
): SessionConfig {
  const { audio, model: _, type: __, ...top } = update;
  const voice = audio?.output?.voice;
  if (hasSpoken && voice !== undefined && JSON.stringify(voice) !== JSON.stringify(config.audio.output.voice))
    throw REFUSALS.voiceLocked();
  const { turn_detection: detection, ...input } = audio?.input ?? {};
  const before = config.audio.input.turn_detection ?? undefined;
  return {
    ...config,
    ...given(top),
    audio: {
      input: {
        ...config.audio.input,
        ...given(input),
        ...(detection !== undefined && {
          turn_detection: detection === null ? null : turnDetection(detection, before, defaults),
        }),
      },
      output: { ...config.audio.output, ...given(audio?.output ?? {}) },
    },
  };
}

function turnDetection(
  update: TurnDetection,
  before: TurnDetection | undefined,
  defaults: SessionDefaults,
): TurnDetection {
  const kept = before?.type === update.type ? before : {};
  if (update.type === 'semantic_vad')
    return { eagerness: 'auto', create_response: true, interrupt_response: true, ...kept, ...update };
  return {
    threshold: 0.5,
    prefix_padding_ms: defaults.prefixPaddingMs,
    silence_duration_ms: defaults.silenceDurationMs,
    idle_timeout_ms: null,
    create_response: true,
    interrupt_response: true,
    ...kept,
    ...update,
  };
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function given<T extends object>(update: T): Given<T> {
  return Object.fromEntries(Object.entries(update).filter(([, value]) => value !== undefined)) as Given<T>;
}
