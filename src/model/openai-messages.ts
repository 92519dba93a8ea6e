import type {
  AudioTranscription,
  ConversationItem,
  RealtimeAudioFormats,
  RealtimeAudioInputTurnDetection,
  RealtimeClientEvent,
  RealtimeFunctionTool,
  RealtimeSessionCreateRequest,
} from 'openai/resources/realtime/realtime';
import type { Dialect, WireAudio } from './dialects.js';
import type { HistoryLine, ModelSession, ModelTool, SessionChange, TurnDetection } from './model.js';

/** xAI's session: as the official one, but for what stands at its top and the two things that only it has. */
interface TopSession extends RealtimeSessionCreateRequest {
  voice?: string;
  turn_detection?: RealtimeAudioInputTurnDetection;
  resumption?: { enabled: boolean };
}

interface TopSessionUpdate {
  type: 'session.update';
  session: TopSession;
}

interface ForcedMessage {
  type: 'conversation.item.create';
  item: {
    type: 'force_message';
    role: 'assistant';
    interruptible: boolean;
    content: { type: 'output_text'; text: string }[];
  };
}

/** Everything that we may send: the official events, and xAI's two. */
export type ClientMessage = RealtimeClientEvent | TopSessionUpdate | ForcedMessage;

/** What a session is told to be, first of all. */
export function configuration(session: ModelSession, dialect: Dialect, audio: WireAudio): ClientMessage {
  const { instructions, voice, tools, noiseReduction, maxOutputTokens } = session;
  const format = wireFormat(audio);
  const { placement, knows } = dialect;
  const detection = turnDetection(session.turnDetection, knows.semanticVad);
  const top = placement === 'top';
  return {
    type: 'session.update',
    session: {
      type: 'realtime',
      ...(knows.modalities && { output_modalities: ['audio' as const] }),
      instructions,
      ...(top && voice !== undefined && { voice }),
      ...(top && { turn_detection: detection }),
      audio: {
        input: {
          format,
          ...(noiseReduction && knows.noiseReduction && { noise_reduction: { type: noiseReduction } }),
          ...(session.transcription && { transcription: transcription(session.transcription, dialect) }),
          ...(!top && { turn_detection: detection }),
        },
        output: { format, ...(!top && voice !== undefined && { voice }) },
      },
      ...(tools.length > 0 && { tools: tools.map(functionTool), tool_choice: 'auto' as const }),
      ...(maxOutputTokens !== undefined && { max_output_tokens: maxOutputTokens }),
      ...(dialect.resumes && { resumption: { enabled: true } }),
    },
  } satisfies ClientMessage;
}

/** The voice is never part of it: an update that names another one after the first sound is dropped whole. */
export function change({ instructions, tools }: SessionChange): ClientMessage {
  return {
    type: 'session.update',
    session: {
      type: 'realtime',
      ...(instructions !== undefined && { instructions }),
      ...(tools && { tools: tools.map(functionTool) }),
    },
  };
}

export function createItem(item: ConversationItem): ClientMessage {
  return { type: 'conversation.item.create', item };
}

/** A line of text in the conversation. Of the agent it is `output_text`: a client cannot put assistant audio there. */
export function textItem({ role, text }: HistoryLine): ClientMessage {
  return createItem(
    role === 'agent'
      ? { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }
      : { type: 'message', role: role === 'caller' ? 'user' : 'system', content: [{ type: 'input_text', text }] },
  );
}

export function forcedLine(text: string): ClientMessage {
  const content: ForcedMessage['item']['content'] = [{ type: 'output_text', text }];
  return {
    type: 'conversation.item.create',
    item: { type: 'force_message', role: 'assistant', interruptible: true, content },
  };
}

function wireFormat(audio: WireAudio): RealtimeAudioFormats {
  switch (audio) {
    case 'pcmu':
      return { type: 'audio/pcmu' };
    case 'pcma':
      return { type: 'audio/pcma' };
    case 'pcm':
      return { type: 'audio/pcm', rate: 24_000 };
  }
}

function turnDetection(detection: TurnDetection, knowsSemantic: boolean): RealtimeAudioInputTurnDetection {
  const { threshold, prefixPaddingMs, silenceMs, idleTimeoutMs, eagerness } = detection;
  const who = { create_response: detection.createsResponses, interrupt_response: detection.interruptsResponses };
  if (detection.type === 'semantic_vad' && knowsSemantic) {
    return { type: 'semantic_vad', ...(eagerness !== undefined && { eagerness }), ...who };
  }
  return {
    type: 'server_vad',
    ...(threshold !== undefined && { threshold }),
    ...(prefixPaddingMs !== undefined && { prefix_padding_ms: prefixPaddingMs }),
    ...(silenceMs !== undefined && { silence_duration_ms: silenceMs }),
    ...(idleTimeoutMs !== undefined && { idle_timeout_ms: idleTimeoutMs }),
    ...who,
  };
}

function transcription(
  { model, language, prompt }: NonNullable<ModelSession['transcription']>,
  dialect: Dialect,
): AudioTranscription {
  return {
    model: model ?? dialect.transcription.model,
    ...(language !== undefined && { [dialect.transcription.languageKey]: language }),
    ...(prompt !== undefined && dialect.transcription.prompt && { prompt }),
  };
}

function functionTool({ name, description, parameters }: ModelTool): RealtimeFunctionTool {
  return { type: 'function', name, description, parameters: { ...parameters } };
}
