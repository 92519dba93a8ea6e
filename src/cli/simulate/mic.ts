import { fileURLToPath } from 'node:url';
import type { Clock } from '../../clock.js';
import { openSound, type Sound } from '../../simulator/device/sound.js';
import type { Call } from '../../simulator/phone/call.js';
import type { LiveSource } from '../../simulator/phone/live-caller.js';
import { Microphone } from '../../simulator/phone/microphone.js';
import type { View } from '../screen/view.js';
import type { Terminal } from '../terminal.js';
import type { World } from '../world.js';
import type { Problem } from './finished-call.js';
import { KEYS_LINE, listenToKeys } from './keys.js';

/** A person at this machine's microphone and speaker, ready to be put on the phone. */
export interface Mic {
  readonly caller: LiveSource & { readonly name: string };
  /** The call has begun: from here on the keyboard works, and a sound card that goes away ends the call. */
  join(call: Pick<Call, 'hangUp'>, view: View, hangUpKey: () => void): void;
  /** Why the call was ended, when microphone or speaker was lost. */
  lost(): Problem | undefined;
  /** What the sound card did not keep up with, for a person; undefined when there was nothing. */
  notice(): string | undefined;
  /** Gives sound and keyboard back. May be called twice. */
  close(): void;
}

export interface MicOptions {
  readonly halfDuplex: boolean;
  readonly world: World;
  readonly terminal: Terminal;
  readonly clock: Clock;
}

/** In a checkout as in an installed package: where this package looks for what it needs. */
const OWN_FOLDER = fileURLToPath(new URL('../../..', import.meta.url));

/** @throws VoicebridgeError `sound-library-missing` or `sound-unavailable` */
export async function openMic(options: MicOptions): Promise<Mic> {
  const { halfDuplex, world, terminal, clock } = options;
  const { VOICEBRIDGE_SOUND: only } = world.env;
  let joined: { call: Pick<Call, 'hangUp'>; view: View } | undefined;
  let problem: Problem | undefined;
  let sound: Sound | undefined;
  let leaveKeys: (() => void) | undefined;

  const onLost = (reason: string): void => {
    if (problem) return;
    problem = {
      message: `microphone or speaker stopped (${reason}), so the call was ended`,
      hint: 'is the headset connected, and does the sound server run?',
    };
    joined?.view.note(`microphone or speaker stopped: ${reason}`, 'bad');
    joined?.call.hangUp();
  };
  const microphone = new Microphone({
    halfDuplex,
    speaker: { play: (audio) => sound?.play(audio), flush: () => sound?.flush() },
    onStarved: () => onLost('no sound comes from the microphone any more'),
  });
  const waiting = await terminal.waiting('opening microphone and speaker');
  sound = await openSound({
    clock,
    folders: only ? [only] : [OWN_FOLDER, world.cwd],
    onCapture: (audio) => microphone.capture(audio),
    onLost,
  }).finally(() => waiting.stop());
  terminal.say(`you are on the phone, through ${sound.backend}: use a headset, or the agent hears itself`);

  const title = (): string =>
    `microphone${microphone.muted ? ' · muted' : ''}${microphone.halfDuplex ? ' · half-duplex' : ''}`;
  return {
    caller: { live: microphone, name: microphone.name },
    join(call, view, hangUpKey) {
      joined = { call, view };
      const changed = (text: string): void => {
        view.note(text);
        view.retitle(title());
      };
      leaveKeys = listenToKeys(world, {
        hangUp: hangUpKey,
        // The phone tells of the key once it has been sent.
        digit: (digit) => microphone.press(digit),
        mute: () => {
          microphone.toggleMute();
          changed(microphone.muted ? 'mutes the microphone' : 'opens the microphone');
        },
        halfDuplex: () => {
          microphone.toggleHalfDuplex();
          changed(microphone.halfDuplex ? 'is muted while the agent speaks' : 'can speak over the agent');
        },
      });
      if (leaveKeys) terminal.say(KEYS_LINE);
      view.retitle(title());
      if (problem) call.hangUp();
    },
    lost: () => problem,
    notice() {
      const { gaps, droppedMs } = microphone;
      if (gaps === 0 && droppedMs < 1) return undefined;
      return `microphone: ${gaps} gap${gaps === 1 ? '' : 's'} filled with silence, ${Math.round(droppedMs)} ms left out`;
    },
    close() {
      leaveKeys?.();
      sound?.close();
    },
  };
}
