import { describe, expect, it } from 'vitest';
import { WholeCall } from '../helpers/whole-call.js';

const LINE = 'respond Be brief.\n\nSay exactly this, and nothing else: "We close." tools=none';

/** The operator's line is asked for, and the caller speaks as its response begins: the model cancels it. */
async function spokenInto(before: (call: WholeCall) => void = () => {}): Promise<WholeCall> {
  const call = await new WholeCall().talk();
  call.operator.say('We close.');
  expect(call.told()).toEqual([LINE]);
  call.model.starts('r1');
  before(call);
  call.model.hearsSpeech('u1');
  call.model.emit({ type: 'response-done', responseId: 'r1', status: 'cancelled', reason: 'turn_detected' });
  call.model.hearsSilence('u1');
  call.told();
  call.answers('r2', 'b', 500);
  await call.pass(1_000);
  return call;
}

describe('a line whose response was cancelled before anything of it was heard', () => {
  it('is said when the caller has been answered', async () => {
    expect((await spokenInto()).told()).toEqual([LINE]);
  });

  it('is not said again when its beginning was heard', async () => {
    const call = await spokenInto((call) => call.audio('r1', 'a', 500));
    expect(call.told()).toEqual([]);
  });

  it('is not said again when an operator has silenced the agent', async () => {
    const call = await spokenInto((call) => call.operator.interrupt());
    expect(call.told()).not.toContain(LINE);
  });

  it('is given up after the third time', async () => {
    const call = await spokenInto();
    for (const n of [3, 4]) {
      expect(call.told()).toEqual([LINE]);
      call.model.starts(`r${n}`);
      call.model.hearsSpeech(`u${n}`);
      call.model.emit({ type: 'response-done', responseId: `r${n}`, status: 'cancelled', reason: 'turn_detected' });
      call.model.hearsSilence(`u${n}`);
      call.answers(`s${n}`, `s${n}`, 500);
      await call.pass(1_000);
    }
    expect(call.told()).toEqual([]);
  });
});
