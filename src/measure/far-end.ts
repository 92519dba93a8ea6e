import type { Clock } from '../clock.js';
import type { ModelTraceEvent } from '../simulator/model/events.js';
import { type SimulatedModel, type SimulatedModelOptions, serveModel } from '../simulator/model/server.js';
import { inPhoneFormat } from './phone-format.js';
import { type ListeningProcess, type ModelManner, startRelayProcess } from './relay-process.js';

/** How the model is to misbehave; an empty object for not at all. */
export type ModelManners = Pick<SimulatedModelOptions, 'faults' | 'connectDelayMs'>;

const QUIET_TIMEOUT_MS = 2_000;

/** Our relay in a process of its own, and the simulated model in this one, whose trace is the truth. */
export class FarEnd {
  readonly manners: ModelManners;
  readonly #clock: Clock;
  readonly #trace: ModelTraceEvent[];
  readonly #model: SimulatedModel;
  readonly #relay: ListeningProcess;

  static async open(manners: ModelManners, manner: ModelManner, seed: number, clock: Clock): Promise<FarEnd> {
    const trace: ModelTraceEvent[] = [];
    const onTrace = (event: ModelTraceEvent): void => void trace.push(event);
    const model = await serveModel({ ...manners, dialect: manner.provider, clock, port: 0, seed, onTrace });
    try {
      return new FarEnd(manners, clock, trace, model, await startRelayProcess(model.url, manner));
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  private constructor(
    manners: ModelManners,
    clock: Clock,
    trace: ModelTraceEvent[],
    model: SimulatedModel,
    relay: ListeningProcess,
  ) {
    this.manners = manners;
    this.#clock = clock;
    this.#trace = trace;
    this.#model = model;
    this.#relay = relay;
  }

  get streamUrl(): string {
    return this.#relay.streamUrl;
  }

  /** What the model did since the last time, once it has nothing more to hear about calls that are over. */
  async takeTrace(): Promise<ModelTraceEvent[]> {
    const giveUpMs = this.#clock.now() + QUIET_TIMEOUT_MS;
    while (this.#model.sessions.length > 0 && this.#clock.now() < giveUpMs) {
      await new Promise<void>((resolve) => this.#clock.at(this.#clock.now() + 10, resolve));
    }
    return inPhoneFormat(this.#trace.splice(0));
  }

  async close(): Promise<void> {
    await this.#relay.close();
    await this.#model.close();
  }
}
