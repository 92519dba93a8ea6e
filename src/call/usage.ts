import type { ModelEvent, Usage } from '../model/model.js';
import type { LinkEvent } from './model-link-types.js';

/** What a call has used of its models, and what went wrong. Counts of what the models did not tell are absent. */
export interface UsageSummary {
  readonly responses: number;
  readonly failed: number;
  /** Sums over all responses that were counted by the model. */
  readonly tokens: Usage;
  /** As told last. */
  readonly limits: readonly { readonly name: string; readonly remaining: number; readonly resetSeconds: number }[];
  /** By code; of failed responses too. */
  readonly errors: Readonly<Record<string, number>>;
  readonly retries: number;
  readonly switches: number;
}

/** Adds up what the models of one call report. */
export class CallUsage {
  #responses = 0;
  #failed = 0;
  #retries = 0;
  #switches = 0;
  #limits: UsageSummary['limits'] = [];
  readonly #tokens: { -readonly [Name in keyof Usage]: number } = {};
  readonly #errors = new Map<string, number>();

  /** Called with every event but audio. */
  event(event: LinkEvent | ModelEvent): void {
    switch (event.type) {
      case 'response-done':
        this.#responses += 1;
        this.#addTokens(event.usage);
        if (event.status === 'failed') {
          this.#failed += 1;
          this.#count(event.reason ?? 'failed');
        }
        return;
      case 'rate-limits':
        this.#limits = event.limits;
        return;
      case 'error':
        this.#count(event.code);
        return;
      case 'retrying':
        this.#retries += 1;
        return;
      case 'switched':
        this.#switches += 1;
        return;
    }
  }

  summary(): UsageSummary {
    return {
      ...{ responses: this.#responses, failed: this.#failed, tokens: { ...this.#tokens }, limits: this.#limits },
      ...{ errors: Object.fromEntries(this.#errors), retries: this.#retries, switches: this.#switches },
    };
  }

  #addTokens(usage: Usage = {}): void {
    for (const [name, count] of Object.entries(usage) as [keyof Usage, number][]) {
      this.#tokens[name] = (this.#tokens[name] ?? 0) + count;
    }
  }

  #count(code: string): void {
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }
}
