import type { Call } from '../../src/simulator/phone/call.js';
import type { PhoneEvent } from '../../src/simulator/phone/events.js';
import type { CallerScript, Step } from '../../src/simulator/phone/script.js';

/** A caller who does just this. */
export function callerOf(...steps: Step[]): CallerScript {
  return { name: 'test', path: 'test', steps };
}

/** A caller who says nothing for so long and hangs up. */
export function silentCaller(ms: number): CallerScript {
  return callerOf({ type: 'pause', ms }, { type: 'hangup' });
}

/** The events of a call, and a promise for the first one that fits; events that have come already count. */
export function eventsOf(call: Call) {
  const events: PhoneEvent[] = [];
  const waiting: { fits: (event: PhoneEvent) => boolean; resolve: (event: PhoneEvent) => void }[] = [];
  call.on((event) => {
    events.push(event);
    for (const each of waiting) if (each.fits(event)) each.resolve(event);
  });
  return {
    events,
    first<T extends PhoneEvent['type']>(type: T): Promise<Extract<PhoneEvent, { type: T }>> {
      const fits = (event: PhoneEvent): boolean => event.type === type;
      return new Promise((resolve) => {
        const found = events.find(fits);
        if (found) resolve(found as Extract<PhoneEvent, { type: T }>);
        else waiting.push({ fits, resolve: resolve as (event: PhoneEvent) => void });
      });
    },
  };
}
