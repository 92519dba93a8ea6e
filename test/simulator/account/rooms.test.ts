import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/random.js';
import { Callbacks } from '../../../src/simulator/account/callback.js';
import { Rooms } from '../../../src/simulator/account/rooms.js';
import { createGround } from '../../../src/simulator/account/state.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';
import { ACCOUNT } from './setup.js';

function rooms(): Rooms {
  const ground = createGround({
    accountSid: ACCOUNT,
    clock: new VirtualClock(),
    callbacks: new Callbacks('token', () => ''),
    random: seededRandom(1),
    startedAt: new Date('2026-11-21T10:00:00Z'),
    privateUrls: true,
    trial: false,
  });
  return new Rooms(ground);
}

const step = fc.record({
  what: fc.constantFrom('join', 'leave', 'kick', 'end'),
  who: fc.nat(4),
  endConferenceOnExit: fc.boolean(),
  startConferenceOnEnter: fc.boolean(),
});

describe('rooms', () => {
  it('hold whatever comes: nobody sits in a room that is over, and everybody is put out once at most', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const all = rooms();
        const seats = new Map<string, { leave(): void; conferenceSid: string; wasOut: number }>();
        let joined = 0;
        for (const { what, who, ...join } of steps) {
          const seat = [...seats.values()][who];
          if (what === 'join') {
            const callSid = `CA${joined++}`;
            const entered = { leave: () => {}, conferenceSid: '', wasOut: 0 };
            const place = all.join({
              friendlyName: 'r',
              callSid,
              maxParticipants: 3,
              ...join,
              onOut: () => entered.wasOut++,
            });
            if (place)
              seats.set(callSid, Object.assign(entered, { leave: place.leave, conferenceSid: place.conferenceSid }));
          } else if (what === 'leave') seat?.leave();
          else if (what === 'kick') {
            const room = all.open('r');
            const sitting = [...(room?.seats.values() ?? [])][who];
            if (room && sitting) all.kick(room, sitting);
          } else {
            const room = all.open('r');
            if (room) all.end(room, 'conference-ended-via-api');
          }
          for (const room of all.all) {
            expect(room.seats.size).toBeLessThanOrEqual(3);
            // It is over exactly when nobody is left, and then says why.
            expect(room.status === 'completed').toBe(room.seats.size === 0);
            expect(room.reason !== undefined).toBe(room.status === 'completed');
          }
          expect(all.all.filter(({ status }) => status !== 'completed').length).toBeLessThanOrEqual(1);
        }
        for (const { wasOut } of seats.values()) expect(wasOut).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('start with the second one in, if one of them may start it', () => {
    const all = rooms();
    const join = (callSid: string, startConferenceOnEnter: boolean) =>
      all.join({ friendlyName: 'r', callSid, startConferenceOnEnter });
    join('CA1', false);
    join('CA2', false);
    expect(all.open('r')!.status).toBe('init');
    join('CA3', true);
    expect(all.open('r')!.status).toBe('in-progress');
  });
});
