import { z } from 'zod';
import {
  either,
  environmentVariable,
  fields,
  file,
  form,
  httpAddress,
  list,
  named,
  phoneNumber,
  text,
  time,
  word,
} from './words.js';

/** What an agent can do besides talking, as it is written in a voicebridge.yaml. `src/call/tools/build.ts` makes it so. */

const NAME = 'the name of a function: letters, digits, "_" and "-", 64 of them at most';
const functionName = form(NAME, /^[A-Za-z0-9_-]{1,64}$/);

const description = text().describe('When and what for the model should call it.');

const filler = fields({
  after: time('0ms', '30s').describe('So long after the call of the tool; a faster tool is not filled.'),
  say: text().optional().describe('The agent says this, in its own voice.'),
  tone: z.literal(true, { error: 'true' }).optional().describe('A soft tone, repeated.'),
  file: file.optional().describe('A WAV beside the voicebridge.yaml, played as it is.'),
  text: text().optional().describe('What is said in the file, for the memory of the model.'),
}).superRefine(({ say, tone, file: wav, text: said }, context) => {
  const ways = [say, tone, wav].filter((way) => way !== undefined).length;
  if (ways !== 1) context.addIssue('needs one of "say", "tone" and "file"');
  else if (wav !== undefined && said === undefined) context.addIssue('needs the "text" of what is said in the file');
  else if (wav === undefined && said !== undefined) context.addIssue('takes "text" only beside "file"');
});

const timeout = time('100ms', '10m').optional();

/** One function of a user's own server. */
const http = fields({
  name: functionName,
  description,
  parameters: z
    .record(z.string(), z.unknown(), { error: 'a JSON Schema of type object' })
    .refine(({ type }) => type === 'object', 'a JSON Schema of type object')
    .optional()
    .describe('A JSON Schema of type object; without it the function takes nothing.'),
  url: httpAddress.describe('The arguments go there as JSON; in the query of a GET.'),
  method: word('GET', 'POST', 'PUT', 'PATCH', 'DELETE').optional().describe('POST when left out.'),
  timeout: timeout.describe('10s when left out.'),
  retry: word('never', 'safe')
    .optional()
    .describe('safe: asking twice does no harm, so a lost answer is asked for again. never when left out.'),
  secretEnv: environmentVariable
    .optional()
    .describe('Environment variable whose value signs the body (HMAC-SHA256, X-Voicebridge-Signature).'),
  headers: z
    .record(z.string(), text(), { error: 'names of headers, each with a text behind it' })
    .optional()
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a person writes
    .describe('Further headers. ${NAME} stands for an environment variable; a key belongs nowhere else.'),
  filler: filler.optional().describe('What the caller hears while it takes its time.'),
});

const target = fields({
  number: phoneNumber.optional().describe('Dialled by the carrier.'),
  url: httpAddress.optional().describe('The carrier fetches from here what to do next.'),
  description: text().describe('When the model should hand the call over to it.'),
}).superRefine(({ number, url }, context) => {
  if ((number === undefined) === (url === undefined)) context.addIssue('needs one of "number" and "url"');
});

const mcp = fields({
  command: text().optional().describe('Starts a server that speaks MCP over stdin and stdout.'),
  args: z.array(z.string({ error: 'text' }), { error: 'a list of texts' }).optional(),
  env: z
    .record(z.string(), z.string({ error: 'text' }), { error: 'names of variables, each with a text behind it' })
    .optional()
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a person writes
    .describe('Environment of the command besides PATH and HOME; ${NAME} stands for a variable of the relay.'),
  url: httpAddress.optional().describe('A server that speaks MCP over HTTP.'),
  headers: z.record(z.string(), text(), { error: 'names of headers, each with a text behind it' }).optional(),
  tools: list('a list of names of its tools', text()).optional().describe('Only these; all when left out.'),
  timeout: timeout.describe('10s when left out.'),
  filler: filler.optional(),
}).superRefine(({ command, args, env, url, headers }, context) => {
  if ((command === undefined) === (url === undefined)) context.addIssue('needs one of "command" and "url"');
  else if (args && url !== undefined) context.addIssue('takes "args" only beside "command"');
  else if (env && url !== undefined) context.addIssue('takes "env" only beside "command"');
  else if (headers && command !== undefined) context.addIssue('takes "headers" only beside "url"');
});

const module = either(
  'the path of a module, or {path, names}',
  file,
  fields({
    path: file.describe('A JavaScript module beside the voicebridge.yaml that exports tools.'),
    names: list('a list of names of tools', functionName).optional().describe('Only these; all when left out.'),
    timeout: timeout.describe('10s when left out.'),
    filler: filler.optional(),
  }),
);

const BARE = ['hang_up', 'wait', 'collect_digits', 'send_sms'] as const;
const WITH_SETTINGS = {
  transfer: named('a number or url, and a description', target).describe('Hands the call over, to one of these.'),
  send_sms: fields({
    from: phoneNumber.optional().describe('One of your own numbers; the called one when left out.'),
  }).describe('Sends the caller, or a number the caller names, a text message.'),
  http: http.describe('A function of your own server.'),
  module: module.describe('Functions of a module of yours.'),
  mcp: mcp.describe('The tools of an MCP server.'),
};
const KINDS = Object.keys(WITH_SETTINGS);

const withSettings = fields({
  transfer: WITH_SETTINGS.transfer.optional(),
  send_sms: WITH_SETTINGS.send_sms.optional(),
  http: WITH_SETTINGS.http.optional(),
  module: WITH_SETTINGS.module.optional(),
  mcp: WITH_SETTINGS.mcp.optional(),
})
  .refine((tool) => Object.keys(tool).length === 1, `needs one of ${KINDS.join(', ')}, each behind its own dash`)
  .meta({ minProperties: 1, maxProperties: 1 });

type WithSettings = z.output<typeof withSettings>;

/** One entry of `tools:`, told by `type`. Times are in milliseconds. */
export type ToolShape =
  | { readonly type: 'hang_up' | 'wait' | 'collect_digits' }
  | { readonly type: 'transfer'; readonly targets: NonNullable<WithSettings['transfer']> }
  | ({ readonly type: 'send_sms' } & NonNullable<WithSettings['send_sms']>)
  | ({ readonly type: 'http' } & NonNullable<WithSettings['http']>)
  | ({ readonly type: 'module' } & Exclude<NonNullable<WithSettings['module']>, string>)
  | ({ readonly type: 'mcp' } & NonNullable<WithSettings['mcp']>);

/** What `filler:` is read into; `after` is in milliseconds. */
export type FillerShape = z.output<typeof filler>;

function toShape(written: (typeof BARE)[number] | WithSettings): ToolShape {
  if (typeof written === 'string') return { type: written };
  const { transfer, send_sms, http: asked, module: own, mcp: server } = written;
  if (transfer) return { type: 'transfer', targets: transfer };
  if (send_sms) return { type: 'send_sms', ...send_sms };
  if (asked) return { type: 'http', ...asked };
  if (own) return { type: 'module', ...(typeof own === 'string' ? { path: own } : own) };
  return { type: 'mcp', ...server! };
}

/** Tools that are written as one word. */
export const BARE_TOOLS: readonly string[] = BARE;

const TOOL = `${BARE.join(', ')}, or a map with one of ${KINDS.join(', ')}`;

/** One entry of `tools:`. */
export const toolShape = either(TOOL, word(...BARE), withSettings).transform(toShape);

/** `tools:` of an agent. */
export const toolsShape = z.array(toolShape, { error: 'a list of tools' });
