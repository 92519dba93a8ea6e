import { join } from 'node:path';
import type { BenchCall } from '../bench.js';
import { writeCallPage } from '../page/page.js';
import type { CallReport } from '../report-json.js';

const PAGE_FILE = 'call.html';

/** Puts a page beside every recording that was kept, so that a row of the report can be looked into and heard. */
export class CallPages {
  readonly #version: string;
  readonly #written = new Map<string, string>();

  constructor(version: string) {
    this.#version = version;
  }

  /** Rejects with VoicebridgeError file-unwritable. */
  async leave(call: BenchCall): Promise<void> {
    const { record, measured, scenario, run, url, trace, discarded } = call;
    if (!record.files) return;
    const page = join(record.files.directory, PAGE_FILE);
    await writeCallPage(page, {
      record,
      measured,
      title: `${scenario}, run ${run}`,
      facts: [
        ['called', url],
        ['ended', record.endReason],
        ['call', record.callSid],
        ['by', `voicebridge ${this.#version}`],
      ],
      problems: discarded === undefined ? [] : [`not counted: ${discarded}`],
      ...(trace && { modelTrace: trace }),
    });
    this.#written.set(record.files.directory, page);
  }

  /** The calls of a report, each with its page where it has one. */
  named(calls: readonly CallReport[]): CallReport[] {
    return calls.map((call) => {
      const page = call.files && this.#written.get(call.files.directory);
      return page === undefined ? call : { ...call, files: { ...call.files!, page } };
    });
  }
}
