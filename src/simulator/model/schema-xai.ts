import { z } from 'zod';
import {
  CLIENT_EVENTS,
  eventId,
  format,
  item,
  maxOutputTokens,
  type SessionUpdate,
  tool,
  toolChoice,
} from './schema.js';

/**
 * Where xAI's Grok Voice differs from OpenAI, after https://docs.x.ai/developers/model-capabilities/audio/speech-to-speech:
 * `voice` and `turn_detection` stand at the top of the session, `type` may be absent, conversations can be resumed, a line
 * can be forced. As strict as the other dialect: what belongs there is refused here.
 */
const turnDetection = z.strictObject({
  type: z.literal('server_vad'),
  threshold: z.number().min(0.1).max(0.9).optional(),
  prefix_padding_ms: z.int().min(0).max(10_000).optional(),
  silence_duration_ms: z.int().min(0).max(10_000).optional(),
  idle_timeout_ms: z.int().min(0).nullish(),
  // Not documented; sent by clients that speak to both services.
  create_response: z.boolean().optional(),
  interrupt_response: z.boolean().optional(),
});

const transport = z.enum(['json']).optional();

const session = z.strictObject({
  type: z.literal('realtime').optional(),
  model: z.string().optional(),
  voice: z.string().min(1).optional(),
  instructions: z.string().optional(),
  turn_detection: turnDetection.nullish(),
  tools: z
    .array(z.union([tool, z.looseObject({ type: z.enum(['web_search', 'x_search', 'file_search']) })]))
    .optional(),
  tool_choice: toolChoice.optional(),
  max_output_tokens: maxOutputTokens.optional(),
  reasoning: z.strictObject({ effort: z.string().optional() }).optional(),
  resumption: z.strictObject({ enabled: z.boolean() }).optional(),
  replace: z.record(z.string(), z.string()).optional(),
  audio: z
    .strictObject({
      input: z
        .strictObject({
          format: format.optional(),
          transport,
          transcription: z
            .strictObject({
              model: z.string().optional(),
              language_hint: z.string().optional(),
              keyterms: z.array(z.string().max(50)).max(100).optional(),
            })
            .nullish(),
        })
        .optional(),
      output: z
        .strictObject({ format: format.optional(), transport, speed: z.number().min(0.7).max(1.5).optional() })
        .optional(),
    })
    .optional(),
});

type XaiSession = z.output<typeof session>;

const forceMessage = z.strictObject({
  type: z.literal('force_message'),
  role: z.literal('assistant'),
  interruptible: z.boolean().optional(),
  content: z.array(z.strictObject({ type: z.literal('output_text'), text: z.string() })).min(1),
});

export const XAI_CLIENT_EVENTS = {
  ...CLIENT_EVENTS,
  'session.update': z
    .strictObject({ type: z.literal('session.update'), event_id: eventId, session })
    .transform(({ session: given, ...event }) => ({
      ...event,
      session: asUpdate(given),
      resumption: given.resumption?.enabled,
    })),
  'conversation.item.create': z
    .strictObject({
      type: z.literal('conversation.item.create'),
      event_id: eventId,
      previous_item_id: z.string().nullish(),
      item: z.discriminatedUnion('type', [...item.options, forceMessage]),
    })
    .transform(({ item: given, ...event }) =>
      given.type === 'force_message'
        ? { type: 'force_message' as const, text: given.content.map(({ text }) => text).join(' ') }
        : { ...event, item: given },
    ),
} as const;

/** The same wishes where the other dialect has them. */
function asUpdate(given: XaiSession): SessionUpdate {
  const { audio, voice, turn_detection, instructions, tools, tool_choice, max_output_tokens } = given;
  const { transcription, format: hears } = audio?.input ?? {};
  const { format: speaks, speed } = audio?.output ?? {};
  const functions = tools?.filter((each) => each.type === 'function');
  return {
    type: 'realtime',
    ...(instructions !== undefined && { instructions }),
    ...(functions && { tools: functions as NonNullable<SessionUpdate['tools']> }),
    ...(tool_choice !== undefined && { tool_choice }),
    ...(max_output_tokens !== undefined && { max_output_tokens }),
    audio: {
      input: {
        ...(hears && { format: hears }),
        ...(turn_detection !== undefined && { turn_detection }),
        ...(transcription !== undefined && {
          transcription: transcription && {
            ...(transcription.model !== undefined && { model: transcription.model }),
            ...(transcription.language_hint !== undefined && { language: transcription.language_hint }),
          },
        }),
      },
      output: {
        ...(speaks && { format: speaks }),
        ...(speed !== undefined && { speed }),
        ...(voice !== undefined && { voice: { id: voice } }),
      },
    },
  };
}
