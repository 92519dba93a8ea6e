import type { z } from 'zod';
import { agentsShape } from './agent-shape.js';
import { modelShape } from './model-shape.js';
import {
  address,
  either,
  environmentVariable,
  fields,
  form,
  httpAddress,
  list,
  named,
  phoneNumber,
  text,
  time,
  wholeNumber,
} from './words.js';

/** Everything a voicebridge.yaml can say: it is read by this, and the published schema is made of it. */

const PATH = 'a path that begins with /voice, like /voice/sales';

const route = fields({
  to: either(
    'a called number in quotes like "+15550100001", or a list of them',
    phoneNumber,
    list('a list of called numbers', phoneNumber),
  )
    .optional()
    .describe('The number that was called.'),
  path: form(PATH, /^\/voice(\/[A-Za-z0-9_-]{1,64}){0,8}$/)
    .optional()
    .describe("The path of the number's voice webhook."),
  parameter: text().optional().describe('The value of a <Parameter name="agent"> in TwiML of your own.'),
  agent: text('the name of one of the agents').describe('Who answers.'),
});

const lookup = fields({
  url: httpAddress.describe(
    'Asked by POST for every call: {callSid, from, to, parameters}. Answers {agent?, variables?}.',
  ),
  secretEnv: environmentVariable
    .optional()
    .describe('Environment variable whose value signs the question (HMAC-SHA256, X-Voicebridge-Signature).'),
  timeout: time('50ms', '10s').optional().describe('No call waits longer for an answer; 2s when left out.'),
});

const server = fields({
  host: text('an address to listen on').optional().describe('127.0.0.1 when left out.'),
  port: wholeNumber(0, 65_535).optional().describe('8080 when left out; 0 for any.'),
  publicUrl: address('an https:// address', /^https?:\/\/[^\s?#]+$/)
    .optional()
    .describe('What the carrier knows this relay as.'),
  maxCalls: wholeNumber(1, 100_000)
    .optional()
    .describe('The next caller is told that all lines are busy; 100 when left out.'),
  maxCall: time('10s', '24h').optional().describe('Longest call with any agent; 1h when left out.'),
});

export const configShape = fields({
  agents: agentsShape.describe('Who talks to the callers.'),
  models: named('a model', modelShape).optional().describe('Who gives them a voice; the simulated one when left out.'),
  routes: list('a list of routes', route)
    .optional()
    .describe('Which agent answers: the first route that fits. One without to, path and parameter fits every call.'),
  lookup: lookup.optional().describe('Asks your own system which agent answers, and what it should know.'),
  server: server.optional().describe('Where the relay listens, and how much it takes on.'),
});

/** A voicebridge.yaml as it was written; times are in milliseconds. */
export type ConfigShape = z.output<typeof configShape>;
export type RouteShape = z.output<typeof route>;
