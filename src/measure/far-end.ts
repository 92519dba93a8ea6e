import type { Clock } from '../clock.js';
import type { ModelTraceEvent } from '../simulator/model/events.js';
import { type SimulatedModel, type SimulatedModelOptions, serveModel } from '../simulator/model/server.js';
import { inPhoneFormat } from './phone-format.js';
import { type ModelManner, startRelayProcess } from './relay-process.js';
import { bringUp, type SandwichOptions } from './sandwich/surroundings.js';

/** How the model is to behave; an empty object for as always. */
export type ModelManners = Pick<SimulatedModelOptions, 'faults' | 'connectDelayMs' | 'script'>;

/** After a call: what the model did, and whether the relay let go of it. */
export interface TakenTrace {
  readonly events: ModelTraceEvent[];
  /** Sessions that are still open although nobody is on the phone any more. */
  readonly leftOpen: number;
}

const QUIET_TIMEOUT_MS = 2_000;

/** The relay that is measured, by its address. */
interface MeasuredRelay {
  readonly streamUrl: string;
  readonly pid?: number;
  readonly logFile?: string;
  check?(): void;
  close(): Promise<void>;
}

/**
 * The relay in a process of its own, ours or anybody's, and the simulated model in this one, whose trace is the truth.
 * The relay stays while the model changes its manners: it comes back on the same port.
 */
export class FarEnd {
  #manners: ModelManners;
  readonly #settings: SimulatedModelOptions;
  readonly #clock: Clock;
  readonly #trace: ModelTraceEvent[] = [];
  #model: SimulatedModel | undefined;
  #relay: MeasuredRelay | undefined;

  /** Our relay. */
  static open(manners: ModelManners, manner: ModelManner, seed: number, clock: Clock): Promise<FarEnd> {
    const far = new FarEnd(manners, { dialect: manner.provider, seed, port: 0 }, clock);
    return far.#start((modelUrl) => startRelayProcess(modelUrl, manner));
  }

  /** Somebody else's: started by its command, or running already. Rejects as `bringUp` does. */
  static around(
    sandwich: SandwichOptions,
    manners: ModelManners,
    seed: number,
    clock: Clock,
    signal?: AbortSignal,
  ): Promise<FarEnd> {
    const far = new FarEnd(manners, { beta: 'accept', seed, port: sandwich.modelPort ?? 0 }, clock);
    return far.#start((modelUrl) => bringUp(sandwich, modelUrl, clock, signal));
  }

  private constructor(manners: ModelManners, settings: SimulatedModelOptions, clock: Clock) {
    this.#manners = manners;
    this.#settings = settings;
    this.#clock = clock;
  }

  async #start(bring: (modelUrl: string) => Promise<MeasuredRelay>): Promise<this> {
    this.#model = await this.#serve(this.#settings.port ?? 0);
    try {
      this.#relay = await bring(this.#model.url);
    } catch (error) {
      await this.#model.close();
      throw error;
    }
    return this;
  }

  #serve(port: number): Promise<SimulatedModel> {
    const onTrace = (event: ModelTraceEvent): void => void this.#trace.push(event);
    return serveModel({ ...this.#settings, ...this.#manners, clock: this.#clock, port, onTrace });
  }

  get manners(): ModelManners {
    return this.#manners;
  }

  get streamUrl(): string {
    return this.#relay!.streamUrl;
  }

  /** Of the relay, when it is known: the leader of its process group. */
  get pid(): number | undefined {
    return this.#relay!.pid;
  }

  /** Where what the relay prints is kept, if it is. */
  get logFile(): string | undefined {
    return this.#relay!.logFile;
  }

  /** The same relay with a model that behaves otherwise. */
  async change(manners: ModelManners): Promise<void> {
    const { port } = this.#model!;
    this.#manners = manners;
    await this.#model!.close();
    this.#model = await this.#serve(port);
  }

  /** Throws VoicebridgeError `relay-died` when it has ended by itself. */
  check(): void {
    this.#relay!.check?.();
  }

  /** What the model did since the last time, once it has nothing more to hear about calls that are over. */
  async takeTrace(): Promise<TakenTrace> {
    const giveUpMs = this.#clock.now() + QUIET_TIMEOUT_MS;
    const model = this.#model!;
    while (model.sessions.length > 0 && this.#clock.now() < giveUpMs) {
      await new Promise<void>((resolve) => this.#clock.at(this.#clock.now() + 10, resolve));
    }
    const leftOpen = model.sessions.length;
    return { events: await inPhoneFormat(this.#trace.splice(0)), leftOpen };
  }

  async close(): Promise<void> {
    await this.#relay!.close();
    await this.#model!.close();
  }
}
