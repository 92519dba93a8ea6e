/**
 * Every number the bench can print: one table, which the report, the budgets and the README are checked against.
 * A `distribution` has a summary of its samples; a `count` says how often something happened among how many chances.
 */
export interface MetricEntry {
  readonly kind: 'distribution' | 'count';
  readonly unit: 'ms' | 'kB' | 'count';
  /** Needs the simulated model at the far end: the bench's own, never a stranger's. */
  readonly needsModel?: true;
  /** Raised when the definition changes, so that reports from before are not compared with those from after; 1 when absent. */
  readonly version?: number;
  /** What is measured, from where to where. */
  readonly says: string;
}

export const METRICS = {
  'turn.playout_ms': {
    kind: 'distribution',
    unit: 'ms',
    says: "caller's last speech sample sent → first audible sample of the answer played (negative: talked over)",
  },
  'turn.ingress_ms': {
    kind: 'distribution',
    unit: 'ms',
    says: 'the same start → the bytes of that first audible sample arrive',
  },
  'turn.answer_ms': {
    kind: 'distribution',
    unit: 'ms',
    says: 'the same start → second onset, when the first sound was a filler',
  },
  'turn.spread_ms': {
    kind: 'distribution',
    unit: 'ms',
    says: 'between the sensitive and the strict onset rule: the uncertainty of turn.*',
  },
  'turn.unanswered': { kind: 'count', unit: 'count', says: 'turns of the caller that the agent never answered' },
  greeting_ms: {
    kind: 'distribution',
    unit: 'ms',
    says: 'start sent → first audible sample of the greeting played',
  },
  'bargein.stop_ms': {
    kind: 'distribution',
    unit: 'ms',
    says: "caller's first sample over the agent → last audible sample of the agent played",
  },
  'bargein.clear_ms': { kind: 'distribution', unit: 'ms', says: 'the same start → clear arrives' },
  'bargein.leak_ms': {
    kind: 'distribution',
    unit: 'ms',
    says: 'audio of the interrupted answer played after the clear',
  },
  'bargein.missed': { kind: 'count', unit: 'count', says: 'interruptions without a stop in time' },
  'bargein.finished': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: 'interruptions of an answer that was over before anything could be stopped',
  },
  'bargein.false': { kind: 'count', unit: 'count', says: 'the agent fell silent although nobody spoke' },
  'bargein.recovered': { kind: 'count', unit: 'count', says: 'interruptions that were answered' },
  'truncation.error_ms': {
    kind: 'distribution',
    unit: 'ms',
    needsModel: true,
    says: 'ms the model was told were heard − ms really played (signed)',
  },
  'truncation.abs_error_ms': {
    kind: 'distribution',
    unit: 'ms',
    needsModel: true,
    says: 'the same without its sign',
  },
  'truncation.missing': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: 'answers cut short of which the model was not told',
  },
  'truncation.needless': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: 'answers truncated although heard to the end',
  },
  'truncation.refused': { kind: 'count', unit: 'count', needsModel: true, says: 'truncations the model refused' },
  'relay.in_ms': {
    kind: 'distribution',
    unit: 'ms',
    needsModel: true,
    says: 'a frame leaves the phone → its last byte reaches the model, once the model is ready',
  },
  'relay.out_ms': {
    kind: 'distribution',
    unit: 'ms',
    needsModel: true,
    says: 'audio leaves the model → its last byte reaches the phone',
  },
  'relay.clear_ms': {
    kind: 'distribution',
    unit: 'ms',
    needsModel: true,
    says: 'speech_started leaves the model → clear reaches the phone',
  },
  'relay.ready_ms': {
    kind: 'distribution',
    unit: 'ms',
    needsModel: true,
    says: 'start sent → the model session is configured',
  },
  gap_ms: { kind: 'distribution', unit: 'ms', says: 'worst silence inside one answer because the audio came too late' },
  buffer_ms: { kind: 'distribution', unit: 'ms', says: 'audio waiting at the phone when more arrives' },
  goodbye_cut_ms: {
    kind: 'distribution',
    unit: 'ms',
    says: 'audio never played because the server ended the call',
  },
  'frames.lost': { kind: 'count', unit: 'count', needsModel: true, says: 'caller frames that never reached the model' },
  'frames.duplicated': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: 'caller frames that reached the model twice',
  },
  'frames.reordered': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: 'caller frames that reached the model out of order',
  },
  'frames.altered': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: 'frames the model received that the phone never sent',
  },
  'frames.reencoded': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: 'caller frames that reached the model as the same sound in other bytes: decoded and encoded again',
  },
  'audio.lost': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: "pieces (20 ms) of the model's audio that never reached the phone, though later ones of the answer did",
  },
  'audio.duplicated': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: "pieces of the model's audio that reached the phone twice",
  },
  'audio.reordered': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: "pieces of the model's audio that reached the phone out of order",
  },
  'audio.foreign': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: 'pieces the phone received that the model never sent: changed ones, or sounds of the relay itself',
  },
  'audio.reencoded': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: "pieces of the model's audio that reached the phone as the same sound in other bytes",
  },
  'lint.errors': { kind: 'count', unit: 'count', says: 'messages the carrier would have judged errors' },
  'lint.warnings': { kind: 'count', unit: 'count', says: 'messages the carrier would have warned about' },
  'model.errors': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: 'events of the relay that the model refused, as the real one would',
  },
  'model.warnings': {
    kind: 'count',
    unit: 'count',
    needsModel: true,
    says: 'events of the relay that came too late: races that a correct one loses too, now and then',
  },
  'endpoint.cpu_ms_per_call_s': {
    kind: 'distribution',
    unit: 'ms',
    says: 'processor time of the measured process for each second of each call, one sample a run',
  },
  'endpoint.rss_kb_per_call': {
    kind: 'distribution',
    unit: 'kB',
    says: 'memory it had at most beyond what it had before, for each call at the same time, one sample a run',
  },
  'host.pacing_ms': { kind: 'distribution', unit: 'ms', says: "the phone's own lateness against its schedule" },
  'host.loop_lag_ms': { kind: 'distribution', unit: 'ms', says: "delays of the measuring process's event loop" },
} as const satisfies Record<string, MetricEntry>;

export type MetricName = keyof typeof METRICS;

type NamesOf<Kind> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

export type DistributionName = NamesOf<'distribution'>;
export type CountName = NamesOf<'count'>;

export function isMetricName(text: string): text is MetricName {
  return Object.hasOwn(METRICS, text);
}

/** `count` times something happened among `of` chances. */
export interface Count {
  readonly count: number;
  readonly of: number;
}

/**
 * The samples and counts of one call, or of many together. A metric that could not be measured has no entry, which is
 * not the same as an entry without samples or a count of 0.
 */
export class Measures {
  readonly samples = new Map<DistributionName, number[]>();
  readonly counts = new Map<CountName, Count>();

  /** Adds samples; `Number.POSITIVE_INFINITY` stands for one that was right-censored: longer than could be seen. */
  add(name: DistributionName, ...values: number[]): void {
    const list = this.samples.get(name);
    if (list) for (const value of values) list.push(value);
    else if (values.length > 0) this.samples.set(name, [...values]);
  }

  count(name: CountName, count: number, of: number): void {
    const before = this.counts.get(name) ?? { count: 0, of: 0 };
    this.counts.set(name, { count: before.count + count, of: before.of + of });
  }

  merge(other: Measures): void {
    for (const [name, values] of other.samples) for (const value of values) this.add(name, value);
    for (const [name, { count, of }] of other.counts) this.count(name, count, of);
  }
}
