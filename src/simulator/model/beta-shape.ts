/**
 * The shape of the beta API, dead since May 2026, and the GA shape, one into the other: for `beta: accept`, which serves
 * clients that were never moved, so that they can be measured. What the beta does not know either is left as it is, and
 * then refused like anything unknown. Names: https://platform.openai.com/docs/guides/realtime#beta-to-ga-migration
 */
type Json = Record<string, unknown>;

const FORMATS: Readonly<Record<string, Json>> = {
  pcm16: { type: 'audio/pcm', rate: 24_000 },
  g711_ulaw: { type: 'audio/pcmu' },
  g711_alaw: { type: 'audio/pcma' },
};

/** Only these are rewritten on the way to the model: audio, which is most of it, is not even parsed. */
const REWRITTEN = /"(session\.update|response\.create|conversation\.item\.create)"/;

/** Properties of a beta session that GA does not have at this place. */
const BETA_SESSION = [
  'modalities',
  'voice',
  'input_audio_format',
  'output_audio_format',
  'input_audio_transcription',
  'input_audio_noise_reduction',
  'turn_detection',
  'temperature',
  'max_response_output_tokens',
] as const;

/** Whether a frame configures a session as the beta did: by a property's name, or without `session.type`. */
export function isBetaUpdate(frame: string): boolean {
  const event = /"session\.update"/.test(frame) ? parse(frame) : undefined;
  const session = event?.type === 'session.update' ? event.session : undefined;
  if (!isMap(session) || 'audio' in session) return false;
  return session.type === undefined || BETA_SESSION.some((name) => name in session);
}

/** A frame of a beta client as a GA client would have sent it. */
export function gaFrame(frame: string): string {
  const event = REWRITTEN.test(frame) ? parse(frame) : undefined;
  if (!event) return frame;
  if (event.type === 'session.update' && isMap(event.session))
    return JSON.stringify({ ...event, session: gaSession(event.session) });
  if (event.type === 'response.create' && isMap(event.response))
    return JSON.stringify({ ...event, response: gaResponse(event.response) });
  if (event.type === 'conversation.item.create' && isMap(event.item))
    return JSON.stringify({ ...event, item: gaItem(event.item) });
  return frame;
}

function gaSession(session: Json): Json {
  const { modalities, voice, speed, temperature: _, max_response_output_tokens, turn_detection, ...rest } = session;
  const { input_audio_format, input_audio_transcription, input_audio_noise_reduction, ...others } = rest;
  const { output_audio_format, ...same } = others;
  const input = known({
    format: gaFormat(input_audio_format),
    transcription: input_audio_transcription,
    noise_reduction: input_audio_noise_reduction,
    turn_detection,
  });
  const output = known({ format: gaFormat(output_audio_format), voice, speed });
  const audio = known({ input: orNothing(input), output: orNothing(output) });
  return {
    type: 'realtime',
    ...same,
    ...known({
      output_modalities: gaModalities(modalities),
      max_output_tokens: max_response_output_tokens,
      audio: orNothing(audio),
    }),
  };
}

function gaResponse(response: Json): Json {
  const {
    modalities,
    voice,
    output_audio_format,
    temperature: _,
    max_response_output_tokens: most,
    ...rest
  } = response;
  const output = known({ format: gaFormat(output_audio_format), voice });
  return {
    ...rest,
    ...known({
      output_modalities: gaModalities(modalities),
      max_output_tokens: most,
      audio: orNothing(known({ output: orNothing(output) })),
    }),
  };
}

/** The beta called an assistant's words `text`. */
function gaItem(item: Json): Json {
  if (!Array.isArray(item.content) || item.role !== 'assistant') return item;
  const content = item.content.map((part: unknown) =>
    isMap(part) && part.type === 'text' ? { ...part, type: 'output_text' } : part,
  );
  return { ...item, content };
}

function gaFormat(format: unknown): unknown {
  return typeof format === 'string' ? (FORMATS[format] ?? { type: format }) : format;
}

/** The beta wanted text beside audio, GA takes one of them. */
function gaModalities(modalities: unknown): unknown {
  return Array.isArray(modalities) && modalities.includes('audio') ? ['audio'] : modalities;
}

/** What the model says, as a beta client expects it; undefined for an event that the beta did not have. */
export function betaFrame(frame: string): string | undefined {
  const type = /^\{"type":"([^"]+)"/.exec(frame)?.[1] ?? '';
  if (type === 'conversation.item.done') return undefined;
  const name = betaName(type);
  // Audio first: the only event of which there are many.
  if (type === 'response.output_audio.delta') return frame.replace(type, name);
  const event = parse(frame);
  return event ? JSON.stringify(betaOf({ ...event, type: name })) : frame;
}

function betaName(type: string): string {
  if (type === 'conversation.item.added') return 'conversation.item.created';
  return type.replace(/^response\.output_(audio|audio_transcript|text)\./, 'response.$1.');
}

function betaOf(event: Json): Json {
  const changed: Json = { ...event };
  if (isMap(event.session)) changed.session = betaSession(event.session);
  if (isMap(event.response)) changed.response = betaResponse(event.response);
  if (isMap(event.item)) changed.item = betaItem(event.item);
  if (isMap(event.part)) changed.part = betaPart(event.part);
  return changed;
}

function betaSession({ type: _, audio, output_modalities, max_output_tokens, ...rest }: Json): Json {
  const { input = {}, output = {} } = isMap(audio) ? (audio as { input?: Json; output?: Json }) : {};
  return {
    ...rest,
    object: 'realtime.session',
    modalities: betaModalities(output_modalities),
    voice: output.voice,
    speed: output.speed,
    input_audio_format: betaFormat(input.format),
    output_audio_format: betaFormat(output.format),
    input_audio_transcription: input.transcription,
    input_audio_noise_reduction: input.noise_reduction,
    turn_detection: input.turn_detection,
    max_response_output_tokens: max_output_tokens,
  };
}

function betaResponse({ audio, output_modalities, output, ...rest }: Json): Json {
  const { output: how = {} } = isMap(audio) ? (audio as { output?: Json }) : {};
  return {
    ...rest,
    modalities: betaModalities(output_modalities),
    voice: how.voice,
    output_audio_format: betaFormat(how.format),
    output: Array.isArray(output) ? output.map((item: unknown) => (isMap(item) ? betaItem(item) : item)) : output,
  };
}

function betaItem(item: Json): Json {
  if (!Array.isArray(item.content)) return item;
  return { ...item, content: item.content.map((part: unknown) => (isMap(part) ? betaPart(part) : part)) };
}

function betaPart(part: Json): Json {
  const type = typeof part.type === 'string' ? part.type.replace(/^output_/, '') : part.type;
  return { ...part, type };
}

function betaModalities(modalities: unknown): unknown {
  return Array.isArray(modalities) && modalities.includes('audio') ? ['text', 'audio'] : modalities;
}

function betaFormat(format: unknown): unknown {
  const type = isMap(format) ? format.type : undefined;
  return Object.keys(FORMATS).find((name) => FORMATS[name]!.type === type) ?? type;
}

function known(values: Json): Json {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function orNothing(values: Json): Json | undefined {
  return Object.keys(values).length === 0 ? undefined : values;
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(frame: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(frame);
    return isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
