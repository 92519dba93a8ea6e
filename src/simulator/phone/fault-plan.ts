import type { Clock } from '../../clock.js';
import { DEFAULTS } from '../../options.js';
import type { Random } from '../../random.js';
import type { PhoneEvent } from './events.js';
import type { Moment, NetworkFault } from './faults.js';
import type { Line } from './line.js';

export interface FaultPlanOptions {
  readonly faults: readonly NetworkFault[];
  readonly clock: Clock;
  /** Faults count from it. */
  readonly startMs: number;
  readonly random: Random;
  readonly line: Pick<Line, 'stall' | 'bunch' | 'stopReading' | 'die' | 'cut'>;
  readonly note: (event: PhoneEvent) => void;
  /** The call ends by this fault: with a closing handshake, or because the connection is gone. */
  readonly end: (how: 'close' | 'cut') => void;
  /** Opens a second stream for the call; what it returns closes it. */
  readonly duplicate: () => () => void;
}

/**
 * Lets the faults of a call happen at their times.
 * @returns calls off what has not begun; what has begun goes on to its own end
 */
export function planFaults(options: FaultPlanOptions): () => void {
  const { faults, clock, startMs, random } = options;
  // All are drawn before the call begins, so that the same seed gives the same faults whatever the server does.
  const cancels = faults.map((fault) => clock.at(startMs + drawMoment(fault.at, random), () => begin(fault, options)));
  return () => {
    for (const cancel of cancels) cancel();
  };
}

export function drawMoment(at: Moment, random: Random): number {
  if (typeof at === 'number') return at;
  const [earliestMs, latestMs] = at;
  return earliestMs + Math.round(random() * (latestMs - earliestMs));
}

function begin(fault: NetworkFault, { clock, line, note, end, duplicate }: FaultPlanOptions): void {
  const tell = (phase: 'begins' | 'ends'): void => note({ type: 'fault', atMs: clock.now(), fault: fault.type, phase });
  const lasts = (forMs: number | undefined, stop: () => void): void => {
    if (forMs === undefined) return;
    clock.at(clock.now() + forMs, () => {
      stop();
      tell('ends');
    });
  };
  tell('begins');
  switch (fault.type) {
    case 'stall':
      return lasts(fault.forMs, line.stall(fault.direction ?? 'both'));
    case 'bunch':
      return lasts(fault.forMs, line.bunch(fault.direction ?? 'to-server', fault.frames));
    case 'slow-reader':
      return lasts(fault.forMs, line.stopReading());
    case 'half-open':
      line.die();
      return lasts(fault.forMs ?? DEFAULTS.phone.halfOpenMs, () => {
        end('cut');
        line.cut('silently');
      });
    case 'close':
      return end('close');
    case 'reset':
      end('cut');
      return line.cut('reset');
    case 'duplicate': {
      // Its end is told by itself, with what became of it.
      const close = duplicate();
      if (fault.forMs !== undefined) clock.at(clock.now() + fault.forMs, close);
      return;
    }
  }
}
