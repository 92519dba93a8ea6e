import { z } from 'zod';
import type { CallControl } from '../../call/control.js';
import type { LiveCall } from '../calls.js';
import { Problem } from './problem.js';

/** A live call that has come far enough to be steered. */
export interface SteerableCall {
  readonly live: LiveCall;
  readonly control: CallControl;
}

/** One thing an operator may do to a call: POST /calls/{callSid}/{name}. */
export interface Command<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly summary: string;
  readonly body: Schema;
  /** A body that is right, for the description. */
  readonly example: unknown;
  /** It asks the carrier for something, which takes its account. */
  readonly needsAccount?: true;
  /** `onFailure` is told of what goes wrong after the command was taken. */
  run(call: SteerableCall, body: z.output<Schema>, onFailure: (error: unknown) => void): void;
}

/** Longer than any line or fact, shorter than a novel that a model would have to be told. */
const text = z.string().trim().min(1).max(8_000);
const toolNames = z.array(z.string().min(1).max(64)).max(128);

function command<Schema extends z.ZodType>(definition: Command<Schema>): Command {
  return definition as unknown as Command;
}

const E164 = /^\+[1-9]\d{1,14}$/;

export const COMMANDS: readonly Command[] = [
  command({
    name: 'instructions',
    summary: 'Replace what the agent is told to be, or add to it; from its next response on',
    body: z
      .strictObject({
        text: text.optional().describe('The new instructions, whole.'),
        append: text.optional().describe('Added to those it has, as a paragraph of its own.'),
      })
      .refine((body) => (body.text === undefined) !== (body.append === undefined), 'needs either text or append')
      .meta({ minProperties: 1, maxProperties: 1 }),
    example: { append: 'The caller is a member of long standing.' },
    run({ live, control }, body) {
      if (body.text !== undefined) return control.update({ instructions: body.text });
      const { instructions } = chosen(live);
      control.update({ instructions: `${instructions}\n\n${body.append}` });
    },
  }),
  command({
    name: 'tools',
    summary: 'Give the agent some of its tools or take them away; from its next response on',
    body: z
      .strictObject({ enable: toolNames.default([]), disable: toolNames.default([]) })
      .refine(({ enable, disable }) => enable.length + disable.length > 0, 'needs a name in enable or disable')
      .refine(({ enable, disable }) => !enable.some((name) => disable.includes(name)), 'has a name in both lists'),
    example: { disable: ['transfer'] },
    run({ live, control }, { enable, disable }) {
      const { tools } = chosen(live);
      const all = live.tools ?? tools;
      const names = all.map(({ name }) => name);
      const unknown = [...enable, ...disable].filter((name) => !names.includes(name));
      if (unknown.length > 0) {
        const known = names.length > 0 ? `its tools are ${names.join(', ')}` : 'it has none';
        throw new Problem('tool-unknown', `the agent of this call has no tool ${unknown.join(', ')}: ${known}`);
      }
      const wanted = new Set([...tools.map(({ name }) => name), ...enable]);
      for (const name of disable) wanted.delete(name);
      control.update({ tools: all.filter(({ name }) => wanted.has(name)) });
    },
  }),
  command({
    name: 'say',
    summary: 'Have the agent say this line, as soon as neither side speaks',
    body: z.strictObject({ text }),
    example: { text: 'I am putting you through to a colleague.' },
    run: ({ control }, body) => control.say(body.text),
  }),
  command({
    name: 'inject',
    summary: 'Tell the model a fact; with respond it says something about it',
    body: z.strictObject({ text, respond: z.boolean().default(false) }),
    example: { text: 'The payment has arrived.', respond: true },
    run: ({ control }, body) => control.inject(body.text, { respond: body.respond }),
  }),
  command({
    name: 'interrupt',
    summary: 'Silence the agent now',
    body: z.strictObject({}),
    example: {},
    run: ({ control }) => control.interrupt(),
  }),
  command({
    name: 'mute',
    summary: 'Keep the caller from being heard by the model, or the agent from being heard by the caller',
    body: z.strictObject({ side: z.enum(['caller', 'agent']), muted: z.boolean() }),
    example: { side: 'caller', muted: true },
    run: ({ control }, body) => control.mute(body.side, body.muted),
  }),
  command({
    name: 'voice',
    summary: 'Go on with another voice, from the next turn on',
    body: z.strictObject({ voice: z.string().trim().min(1).max(100) }),
    example: { voice: 'cedar' },
    run: ({ control }, body) => control.setVoice(body.voice),
  }),
  command({
    name: 'transfer',
    needsAccount: true,
    summary: 'Hand the call over, once what the agent is saying has been played',
    body: z
      .strictObject({
        number: z.string().regex(E164, 'must be a number like +15550100001').optional().describe('Dialled. E.164.'),
        url: z
          .url({ protocol: /^https?$/, error: 'must be an http(s) address' })
          .optional()
          .describe('The carrier fetches there what to do next.'),
        callerId: z.string().regex(E164, 'must be a number like +15550100001').optional().describe('With number.'),
        timeoutSeconds: z.int().min(5).max(600).optional().describe('With number: how long it rings.'),
      })
      .refine((body) => (body.number === undefined) !== (body.url === undefined), 'needs either number or url')
      .refine(
        (body) => body.url === undefined || (body.callerId === undefined && body.timeoutSeconds === undefined),
        'has callerId or timeoutSeconds, which belong to number, beside url',
      )
      .meta({ oneOf: [{ required: ['number'] }, { required: ['url'] }] }),
    example: { number: '+15550100001' },
    run({ control }, { number, url, callerId, timeoutSeconds }, onFailure) {
      const dialled = {
        ...(callerId !== undefined && { callerId }),
        ...(timeoutSeconds !== undefined && { timeoutSeconds }),
      };
      const target = number !== undefined ? { number, ...dialled } : { url: url! };
      control.transfer(target).catch(onFailure);
    },
  }),
  command({
    name: 'hangup',
    summary: 'End the call once what the agent is saying has been played; with now at once',
    body: z.strictObject({ now: z.boolean().default(false) }),
    example: { now: false },
    run: ({ control }, body) => control.hangUp({ now: body.now }),
  }),
];

function chosen(live: LiveCall): NonNullable<LiveCall['session']> {
  if (live.session) return live.session;
  throw new Problem('call-not-ready', 'the agent of this call is not chosen yet', { headers: { 'Retry-After': '1' } });
}
