import { nearestRank } from '../percentile.js';
import type { CallReport, Report } from '../report-json.js';
import { FILLER_GAP_MS, FILLER_WITHIN_MS } from '../turns.js';
import { VOICE_RULES, type VoiceRule } from '../voice.js';

/** A turn that was answered, of a call that counts. */
interface Measured {
  readonly id: string;
  readonly playoutMs: number;
  readonly ingressMs: number;
  readonly answerMs?: number;
  readonly spreadMs?: number;
}

/**
 * The turns as `mrl-report/1` of draft-nygate-ippm-mrl-00, section "Reporting format": mouth-to-ear response latency,
 * one measurement per turn of the caller. https://github.com/dnygate/draft-mrl
 *
 * Where this measurement is another one than the draft's, the report says so, as the draft wants it: the reference point
 * is the WebSocket of a media stream instead of RTP. What is not measured is absent rather than made up: the length of
 * the longest gap (`gap_p50_ms`, `gap_max_ms`) and the hash of the server's configuration.
 */
export function formatMrl(report: Report): string {
  return `${JSON.stringify(mrlReport(report), null, 2)}\n`;
}

export function mrlReport(report: Report) {
  const counted = report.calls.filter(({ discarded, failed }) => discarded === undefined && failed === undefined);
  const measured = counted.flatMap(measuredTurns);
  const reasons = discardReasons(report.calls);
  const discarded = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  const discontiguous = measured.filter(({ answerMs }) => answerMs !== undefined);
  return {
    schema: 'mrl-report/1',
    instrument: {
      name: report.tool.name,
      version: report.tool.version,
      // The draft wants null where the instrument has not been calibrated, never an omission.
      calibration: calibration(report),
    },
    measurement: {
      reference_point: 'media-stream-websocket',
      reference_point_notes:
        'the WebSocket of a Twilio Media Stream at the simulated phone: a frame when it is written, a message when it is ' +
        'read; no RTP, no carrier and no telephone network lie inside the interval, TCP and the path to the server do',
      codec: 'PCMU',
      frame_period_ms: 20,
      sample_rate_hz: 8000,
      // Audio is played in the order it comes, at once when nothing waits, as a carrier's buffer does.
      playout_target_ms: 0,
      onset_variants: (['sensitive', 'headline', 'strict'] as const).map(onsetVariant),
      headline_variant: 'headline',
      continuity_window_ms: FILLER_WITHIN_MS,
      continuity_gap_threshold_ms: FILLER_GAP_MS,
    },
    subject: {
      sut_identifier: withoutSecrets(report.endpoint.url),
      stimulus_id: report.scenarios.join(' + '),
      ...(report.stimulusSha256 !== undefined && { stimulus_sha256: report.stimulusSha256 }),
    },
    results: {
      n_attempted: measured.length + discarded,
      n_reported: measured.length,
      n_discarded: discarded,
      discard_reasons: reasons,
      ingress: figures(measured.map(({ ingressMs }) => ingressMs)),
      playout: figures(measured.map(({ playoutMs }) => playoutMs)),
      onset_definition_uncertainty_ms: uncertainty(measured.flatMap(({ spreadMs }) => spreadMs ?? [])),
      continuity: {
        n_discontiguous: discontiguous.length,
        // Measured at the ear, as the answer is; where nothing was discontiguous these are the figures of the ingress.
        contiguous: figures(
          measured.map(({ answerMs, ingressMs, playoutMs }) => ingressMs + ((answerMs ?? playoutMs) - playoutMs)),
        ),
      },
      advisory_flags: { discontiguous_response: discontiguous.length },
    },
    measurements: measured.map(({ id, ingressMs, playoutMs, answerMs, spreadMs }) => ({
      id,
      ingress_mrl_ms: round(ingressMs),
      playout_mrl_ms: round(playoutMs),
      ...(spreadMs !== undefined && { onset_spread_ms: round(spreadMs) }),
      ...(answerMs !== undefined && { contiguous_playout_mrl_ms: round(answerMs) }),
    })),
  };
}

function measuredTurns(call: CallReport): Measured[] {
  return (call.turns ?? []).flatMap(({ playoutMs, ingressMs, answerMs, spreadMs }, index) => {
    if (playoutMs === undefined || ingressMs === undefined) return [];
    return [
      {
        ...{ id: `${call.scenario}/${call.run}/${call.seed}/turn-${index + 1}`, playoutMs, ingressMs },
        ...(answerMs !== undefined && { answerMs }),
        ...(spreadMs !== undefined && { spreadMs }),
      },
    ];
  });
}

/** The draft counts measurements, which are turns here; a call that was discarded or broke counts for each of its turns, or for one. */
function discardReasons(calls: readonly CallReport[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const add = (reason: string, count: number): void => {
    if (count > 0) counts[reason] = (counts[reason] ?? 0) + count;
  };
  for (const { discarded, failed, turns = [] } of calls) {
    if (failed !== undefined) add('no_packets', 1);
    else if (discarded !== undefined) add('tx_pacing_deviation', Math.max(1, turns.length));
    else
      add(
        'onset_not_found',
        turns.filter((turn) => turn.playoutMs === undefined || turn.ingressMs === undefined).length,
      );
  }
  return counts;
}

function onsetVariant(name: VoiceRule) {
  const { overFloorDb, leastDbov, holdMs } = VOICE_RULES[name];
  return { name, margin_db: overFloorDb, absolute_dbov: leastDbov, sustain_ms: holdMs };
}

/** All members are required: null where nothing was measured, as JSON has no other way to say it. */
function figures(values: readonly number[]) {
  if (values.length === 0) return { mean_ms: null, p50_ms: null, p95_ms: null, max_ms: null };
  const sorted = [...values].sort((a, b) => a - b);
  return {
    mean_ms: round(sorted.reduce((sum, value) => sum + value, 0) / sorted.length),
    p50_ms: round(nearestRank(sorted, 0.5)),
    p95_ms: round(nearestRank(sorted, 0.95)),
    max_ms: round(sorted.at(-1)!),
  };
}

function uncertainty(spreads: readonly number[]) {
  const { p50_ms: p50, max_ms: max } = figures(spreads);
  return { p50, max };
}

/** Of both variants, or it is none: half a calibration cannot be told from a whole one by who reads it. */
function calibration({ calibration, tool, host }: Report) {
  if (!calibration || 'missing' in calibration) return null;
  const accuracy = (name: 'turn.ingress_ms' | 'turn.playout_ms') => {
    const found = calibration.metrics[name];
    return found && { bias_ms: round(found.biasMs), p95_abs_error_ms: round(found.p95ErrorMs) };
  };
  const ingress = accuracy('turn.ingress_ms');
  const playout = accuracy('turn.playout_ms');
  if (!ingress || !playout) return null;
  const at = calibration.calls === 1 ? 'one call' : `${calibration.calls} calls at once`;
  const conditions = `reference agents on the same machine over WebSocket, ${at}, 20 ms grid, PCMU, ${calibration.at}`;
  return { conditions: `${conditions}; ${host.platform}, ${tool.name} ${tool.version}`, ingress, playout };
}

/** Addresses carry tokens in their query and names before their host. */
function withoutSecrets(address: string): string {
  const url = new URL(address);
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** The draft wants a tenth of a millisecond or finer. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
