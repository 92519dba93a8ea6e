import type { MetricName } from '../metrics.js';
import type { Report } from '../report-json.js';

/**
 * Why two reports cannot be held against each other, one sentence each; empty when they can. A difference between them
 * would say something of the machine, the line or the question, and not of the server.
 */
export function obstacles(before: Report, after: Report): string[] {
  const found: string[] = [];
  const differ = (what: string, one: unknown, other: unknown): void => {
    if (one !== other) found.push(`${what}: ${one ?? 'none'} and ${other ?? 'none'}`);
  };
  differ('they made other calls', scenariosOf(before), scenariosOf(after));
  differ('they were measured on other processors', processorOf(before), processorOf(after));
  differ('they were measured with other versions of Node', majorOf(before), majorOf(after));
  differ('the line was another (delay to the server, to the phone, jitter)', lineOf(before), lineOf(after));
  differ('they were drawn from other seeds', before.seed, after.seed);
  differ('they made another number of calls at the same time', before.concurrency, after.concurrency);
  differ('the calls came in within another time (--ramp, ms)', before.rampMs, after.rampMs);
  differ('what was measured is of another kind', before.endpoint.kind, after.endpoint.kind);
  differ('the model behind it was another', modelOf(before), modelOf(after));
  for (const metric of Object.keys(before.metrics) as MetricName[]) {
    const [one, other] = [before.metrics[metric], after.metrics[metric]];
    if (one && other && one.version !== other.version)
      found.push(`${metric} is measured otherwise since: version ${one.version ?? 1} and ${other.version ?? 1}`);
  }
  for (const [which, report] of [
    ['first', before],
    ['second', after],
  ] as const) {
    if (!report.reliable) found.push(`the ${which} report is not reliable: the machine that measured was too busy`);
    if (report.calls.length > 0 && report.calls.every(({ kept }) => !kept))
      found.push(`the ${which} report keeps no samples of its calls`);
  }
  return found;
}

function scenariosOf({ scenarios }: Report): string {
  return [...new Set(scenarios)].sort().join(', ');
}

function processorOf({ host }: Report): string {
  return `${host.cpus} × ${host.cpu ?? 'unknown'}`;
}

function majorOf({ host }: Report): string {
  return host.node.split('.')[0]!;
}

function lineOf({ network }: Report): string {
  return `${network.toServerMs},${network.toPhoneMs},${network.jitterMs}`;
}

function modelOf({ model }: Report): string | undefined {
  return model && `${model.provider} ${model.audio}`;
}
