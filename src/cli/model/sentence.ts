import type { ModelTraceEvent } from '../../simulator/model/events.js';

/** What a person at the terminal wants to know of it; undefined for the many events nobody watches. */
export function sentenceOf(
  event: ModelTraceEvent,
  betaHint: (message: string) => string | undefined,
): string | undefined {
  switch (event.type) {
    case 'session':
      return event.resumed ? 'opened, goes on with an earlier conversation' : 'opened';
    case 'configured':
      return `configured: hears ${event.input}, speaks ${event.output}`;
    case 'beta-shape':
      return 'speaks the shape of the beta, which the real service refuses since 2026-05-12';
    case 'truncate':
      return event.refused === undefined ? `answer heard up to ${event.audioEndMs} ms` : undefined;
    case 'tool-called':
      return event.status === 'completed' ? `calls ${event.name}(${event.arguments})` : undefined;
    case 'item-created':
      return event.role === 'function_call_output' ? `${event.name} answers: ${event.text}` : undefined;
    case 'response-done':
      return event.status === 'failed' || event.status === 'incomplete'
        ? `response ${event.status} (${event.reason})`
        : undefined;
    case 'script-mistake':
      return `cannot follow the script: ${event.message}`;
    case 'error': {
      const hint = betaHint(event.message);
      return `refused: ${event.message} (${event.code || 'no code'})${hint ? `; ${hint}` : ''}`;
    }
    case 'closed':
      return `closed (${event.code})`;
    default:
      return undefined;
  }
}
