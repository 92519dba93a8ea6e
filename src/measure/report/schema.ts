import { z } from 'zod';
import { METRICS } from '../metrics.js';

/** A number of milliseconds; `null` is longer than could be seen. */
const censoredMs = z.number().nullable();
const ms = z.number();
const count = z.int().min(0);

const summary = z.object({
  unit: z.enum(['ms', 'kB']),
  n: count.describe('Samples.'),
  censored: count
    .optional()
    .describe('Samples only known to be longer than could be seen; they rank above all others.'),
  min: ms.optional(),
  p50: ms
    .optional()
    .describe('Nearest rank. A percentile is absent when there are too few samples for it: 2, 10, 20, 100.'),
  p90: ms.optional(),
  p95: ms.optional(),
  p99: ms.optional(),
  max: ms.optional(),
  mean: ms.optional(),
  version: z.int().optional().describe('Of the definition; 1 when absent.'),
});
const counted = z.object({
  unit: z.literal('count'),
  count: z.number(),
  of: z.number().describe('How many chances there were.'),
  version: z.int().optional(),
});

const metricName = z.enum(Object.keys(METRICS) as [keyof typeof METRICS]);
const samples = z.partialRecord(metricName, z.array(censoredMs).readonly());

const budget = z.object({
  expr: z.string(),
  level: z.enum(['error', 'warn', 'off']),
  actual: z.number().optional(),
  ok: z.boolean(),
  unknown: z.literal(true).optional().describe('Nothing was measured: neither kept nor exceeded.'),
  note: z.string().optional(),
});

const finding = z.object({
  code: z.number().optional().describe("The carrier's own number of the error."),
  rule: z.string(),
  level: z.enum(['error', 'warning', 'note']),
  count,
  first: z.string().describe('The first message that broke the rule, with what was wrong with it.'),
});

const modelFinding = z.object({
  code: z.string(),
  level: z.enum(['error', 'warning']),
  count,
  first: z.string(),
  hint: z.string().optional(),
});

const turn = z.object({
  step: z.int(),
  text: z.string().optional(),
  endMs: ms,
  playoutMs: ms.optional().describe('Signed; absent when no answer came.'),
  ingressMs: ms.optional(),
  answerMs: ms.optional(),
  spreadMs: ms.optional(),
});

const bargeIn = z.object({
  step: z.int(),
  startMs: ms,
  intoMs: ms,
  outcome: z.enum(['stopped', 'missed', 'finished', 'unknown']),
  stopMs: censoredMs.optional(),
  clearMs: ms.optional(),
  leakMs: ms.optional(),
  recovered: z.boolean(),
});

const truncation = z.object({
  itemId: z.string(),
  totalMs: ms,
  playedMs: ms,
  toldMs: ms.optional(),
  errorMs: ms.optional(),
  verdict: z.enum(['told', 'missing', 'needless']),
});

const discrimination = z.object({
  kind: z.string(),
  clip: z.string().describe('The words, or the name of the file or sound.'),
  dbov: z.number().optional(),
  chances: count,
  stopped: count,
});

const call = z.object({
  scenario: z.string(),
  run: z.int(),
  seed: z.number(),
  discarded: z.string().optional().describe('Why this call was not counted.'),
  failed: z.string().optional().describe('Why this call left nothing to measure.'),
  callSid: z.string().optional(),
  endReason: z.string().optional(),
  greetingMs: ms.optional(),
  turns: z.array(turn).readonly().optional(),
  bargeIns: z.array(bargeIn).readonly().optional(),
  truncations: z.array(truncation).readonly().optional(),
  notes: z.array(z.string()).readonly().optional(),
  discrimination: z.array(discrimination).readonly().optional(),
  kept: z
    .object({
      samples: samples.readonly(),
      counts: z.partialRecord(metricName, z.object({ count: z.number(), of: z.number() })).readonly(),
    })
    .optional()
    .describe('What the metrics were made of, for comparing reports call by call.'),
  durationMs: ms.optional(),
  speech: z
    .array(z.object({ startMs: ms, endMs: ms, interrupts: z.boolean() }))
    .readonly()
    .optional(),
  answers: z
    .array(z.object({ startMs: ms, endMs: ms }))
    .readonly()
    .optional(),
  clears: z.array(ms).readonly().optional(),
  files: z
    .object({ directory: z.string(), wav: z.string(), events: z.string(), page: z.string().optional() })
    .optional(),
});

const calibration = z.union([
  z.object({
    at: z.string(),
    calls: z.int(),
    ok: z.boolean(),
    metrics: z
      .partialRecord(metricName, z.object({ n: count, biasMs: ms, p95ErrorMs: ms, worstErrorMs: ms }))
      .readonly(),
    seen: z.object({ count, of: count }),
  }),
  z.object({ missing: z.string() }),
]);

/** The document, field by field. More fields may come without another number in `schema`: readers pass over them. */
export const reportShape = z.object({
  schema: z.literal('voicebridge-report/1'),
  tool: z.object({ name: z.literal('voicebridge'), version: z.string() }),
  at: z.iso.datetime().describe('When it began.'),
  host: z.object({ node: z.string(), platform: z.string(), cpus: count, cpu: z.string().optional() }),
  endpoint: z.object({ url: z.string(), kind: z.enum(['own', 'foreign', 'sandwich']), log: z.string().optional() }),
  model: z.object({ provider: z.string(), audio: z.string() }).optional(),
  scenarios: z.array(z.string()).readonly(),
  stimulusSha256: z.string().optional(),
  runs: count,
  concurrency: count,
  rampMs: ms.optional(),
  seed: z.number(),
  network: z.object({ toServerMs: ms, toPhoneMs: ms, jitterMs: ms }),
  attempted: count,
  discarded: z.array(z.object({ reason: z.string(), count })).readonly(),
  reliable: z.boolean(),
  verdict: z.object({
    exitCode: z.union([z.literal(0), z.literal(1), z.literal(3), z.literal(4)]),
    outcome: z.enum(['good', 'exceeded', 'broken', 'unreliable']),
    reasons: z.array(z.string()).readonly(),
  }),
  metrics: z.partialRecord(metricName, z.discriminatedUnion('unit', [summary, counted])).readonly(),
  samples: samples.readonly(),
  budgets: z.array(budget).readonly(),
  lint: z.array(finding).readonly(),
  discrimination: z
    .array(discrimination)
    .readonly()
    .optional()
    .describe('Which sounds of the caller stopped the agent, and how often.'),
  modelFindings: z.array(modelFinding).readonly().optional(),
  calibration: calibration.optional(),
  advice: z.array(z.string()).readonly(),
  calls: z.array(call).readonly(),
});

/** The JSON Schema of a report, published as schemas/report.schema.json. */
export function reportSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(reportShape, { io: 'input', target: 'draft-2020-12', reused: 'ref' });
  return {
    $schema,
    title: 'A report of voicebridge bench',
    description:
      'All times are milliseconds. A metric without samples is absent; what is not known is absent, never 0.',
    ...schema,
  };
}
