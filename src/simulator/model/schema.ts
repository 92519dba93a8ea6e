import { z } from 'zod';

/**
 * The shapes a GA client may send, property by property, after the official types (`openai/resources/realtime`) and
 * their limits. Everything is strict: one unknown key anywhere refuses the whole event.
 */
export const eventId = z.string().max(512).optional();
const text = z.string();
const id = z.string().min(1);

export const format = z.discriminatedUnion('type', [
  // The official types let the rate be absent; the live service answers "Missing required parameter".
  z.strictObject({
    type: z.literal('audio/pcm'),
    rate: z
      .int()
      .min(24_000)
      .max(24_000)
      .transform((): 24_000 => 24_000),
  }),
  z.strictObject({ type: z.literal('audio/pcmu') }),
  z.strictObject({ type: z.literal('audio/pcma') }),
]);
export type WireFormat = z.infer<typeof format>;

const turnDetection = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('server_vad'),
    threshold: z.number().min(0).max(1).optional(),
    prefix_padding_ms: z.int().min(0).max(5_000).optional(),
    silence_duration_ms: z.int().min(0).max(10_000).optional(),
    idle_timeout_ms: z.int().min(5_000).max(30_000).nullish(),
    create_response: z.boolean().optional(),
    interrupt_response: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('semantic_vad'),
    eagerness: z.enum(['low', 'medium', 'high', 'auto']).optional(),
    create_response: z.boolean().optional(),
    interrupt_response: z.boolean().optional(),
  }),
]);

const voice = z.union([
  z.enum(['alloy', 'ash', 'ballad', 'coral', 'echo', 'sage', 'shimmer', 'verse', 'marin', 'cedar']),
  z.strictObject({ id }),
]);

export const tool = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('function'),
    name: z.string().min(1).max(64),
    description: text.optional(),
    // Any JSON Schema, `$schema` included: its inside is not the API's business.
    parameters: z.record(z.string(), z.unknown()).optional(),
  }),
  z.looseObject({ type: z.literal('mcp'), server_label: text }),
]);

export const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('function'), name: text }),
    z.strictObject({ type: z.literal('mcp'), server_label: text, name: text.nullish() }),
  ]),
]);

export const maxOutputTokens = z.union([z.literal('inf'), z.int().min(1).max(4_096)]);
export const modalities = z.array(z.enum(['text', 'audio'])).min(1);
/** A text, or an input object whose inside is handed back as it came: typed as the text it mostly is. */
const promptVariable = z.custom<string>(
  (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
);
const prompt = z.strictObject({
  id,
  version: text.nullish(),
  variables: z.record(z.string(), promptVariable).nullish(),
});
const reasoning = z.strictObject({ effort: z.enum(['minimal', 'low', 'medium', 'high', 'xhigh']).optional() });

const session = z.strictObject({
  type: z.literal('realtime'),
  model: text.optional(),
  output_modalities: modalities.optional(),
  instructions: text.optional(),
  audio: z
    .strictObject({
      input: z
        .strictObject({
          format: format.optional(),
          transcription: z
            .strictObject({
              model: text.optional(),
              language: text.nullish(),
              languages: z.array(text).optional(),
              prompt: text.nullish(),
              keywords: z.array(text).optional(),
              delay: z.enum(['minimal', 'low', 'medium', 'high', 'xhigh']).optional(),
            })
            .nullish(),
          noise_reduction: z
            .strictObject({
              type: z.enum(['near_field', 'far_field']).optional(),
              strength: z.number().min(0).optional(),
            })
            .nullish(),
          turn_detection: turnDetection.nullish(),
        })
        .optional(),
      output: z
        .strictObject({
          format: format.optional(),
          voice: voice.optional(),
          speed: z.number().min(0.25).max(1.5).optional(),
        })
        .optional(),
    })
    .optional(),
  include: z.array(z.enum(['item.input_audio_transcription.logprobs'])).nullish(),
  tracing: z
    .union([
      z.literal('auto'),
      z.strictObject({
        workflow_name: text.optional(),
        group_id: text.optional(),
        metadata: z.record(z.string(), z.unknown()).optional(),
      }),
    ])
    .nullish(),
  tools: z.array(tool).optional(),
  tool_choice: toolChoice.optional(),
  parallel_tool_calls: z.boolean().optional(),
  reasoning: reasoning.nullish(),
  max_output_tokens: maxOutputTokens.optional(),
  truncation: z
    .union([
      z.enum(['auto', 'disabled']),
      z.strictObject({
        type: z.literal('retention_ratio'),
        retention_ratio: z.number().min(0).max(1),
        token_limits: z.strictObject({ post_instructions: z.int().min(0).optional() }).optional(),
      }),
    ])
    .optional(),
  prompt: prompt.nullish(),
});
export type SessionUpdate = z.infer<typeof session>;

const itemHead = {
  id: id.max(128).optional(),
  object: z.literal('realtime.item').optional(),
  status: z.enum(['completed', 'incomplete', 'in_progress']).optional(),
};
const message = { ...itemHead, type: z.literal('message') };

export const item = z.discriminatedUnion('type', [
  z.discriminatedUnion('role', [
    z.strictObject({
      ...message,
      role: z.literal('system'),
      content: z.array(z.strictObject({ type: z.literal('input_text'), text })),
    }),
    z.strictObject({
      ...message,
      role: z.literal('user'),
      content: z.array(
        z.discriminatedUnion('type', [
          z.strictObject({ type: z.literal('input_text'), text }),
          z.strictObject({ type: z.literal('input_audio'), audio: text, transcript: text.nullish() }),
          z.strictObject({
            type: z.literal('input_image'),
            image_url: text,
            detail: z.enum(['auto', 'low', 'high']).optional(),
          }),
        ]),
      ),
    }),
    // Assistant audio cannot be put into a conversation by a client, only its text.
    z.strictObject({
      ...message,
      role: z.literal('assistant'),
      content: z.array(z.strictObject({ type: z.literal('output_text'), text })),
    }),
  ]),
  z.strictObject({
    ...itemHead,
    type: z.literal('function_call'),
    call_id: text.optional(),
    name: text,
    arguments: text,
  }),
  z.strictObject({ ...itemHead, type: z.literal('function_call_output'), call_id: text, output: text }),
]);
export type NewItem = z.infer<typeof item>;

const response = z.strictObject({
  audio: z
    .strictObject({ output: z.strictObject({ format: format.optional(), voice: voice.optional() }).optional() })
    .optional(),
  conversation: text.optional(),
  input: z
    .array(z.union([z.strictObject({ type: z.literal('item_reference'), id }), z.looseObject({ type: text })]))
    .optional(),
  instructions: text.optional(),
  max_output_tokens: maxOutputTokens.optional(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  output_modalities: modalities.optional(),
  parallel_tool_calls: z.boolean().optional(),
  prompt: prompt.nullish(),
  reasoning: reasoning.nullish(),
  tool_choice: toolChoice.optional(),
  tools: z.array(tool).optional(),
});
export type ResponseParams = z.infer<typeof response>;

export const CLIENT_EVENTS = {
  'session.update': z.strictObject({ type: z.literal('session.update'), event_id: eventId, session }),
  'input_audio_buffer.append': z.strictObject({
    type: z.literal('input_audio_buffer.append'),
    event_id: eventId,
    audio: text,
  }),
  'input_audio_buffer.commit': z.strictObject({ type: z.literal('input_audio_buffer.commit'), event_id: eventId }),
  'input_audio_buffer.clear': z.strictObject({ type: z.literal('input_audio_buffer.clear'), event_id: eventId }),
  'conversation.item.create': z.strictObject({
    type: z.literal('conversation.item.create'),
    event_id: eventId,
    previous_item_id: text.nullish(),
    item,
  }),
  'conversation.item.truncate': z.strictObject({
    type: z.literal('conversation.item.truncate'),
    event_id: eventId,
    item_id: text,
    content_index: z.int().min(0),
    audio_end_ms: z.int().min(0),
  }),
  'conversation.item.delete': z.strictObject({
    type: z.literal('conversation.item.delete'),
    event_id: eventId,
    item_id: text,
  }),
  'conversation.item.retrieve': z.strictObject({
    type: z.literal('conversation.item.retrieve'),
    event_id: eventId,
    item_id: text,
  }),
  'response.create': z.strictObject({
    type: z.literal('response.create'),
    event_id: eventId,
    response: response.nullish(),
  }),
  'response.cancel': z.strictObject({
    type: z.literal('response.cancel'),
    event_id: eventId,
    response_id: text.nullish(),
  }),
} as const;

export type ClientEventType = keyof typeof CLIENT_EVENTS;
type GaEvent = { [Type in ClientEventType]: z.infer<(typeof CLIENT_EVENTS)[Type]> }[ClientEventType];

/** What a client can ask for, whatever its dialect. */
export type ClientEvent =
  | Exclude<GaEvent, { type: 'session.update' }>
  /** `resumption`: xAI only, whether the conversation is kept after the session. */
  | (Extract<GaEvent, { type: 'session.update' }> & { readonly resumption?: boolean | undefined })
  /** xAI only: this line is said as it is. */
  | { readonly type: 'force_message'; readonly text: string };
