import { beforeEach, describe, expect, it } from 'vitest';
import { Prompter } from '../../src/call/prompter.js';
import { Responses } from '../../src/call/responses.js';
import type { ResponseStatus } from '../../src/model/model.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

let clock: VirtualClock;
let responses: Responses;
/** What the model was told. */
let said: string[];
let world: { callerTurn: boolean; instructions: string; answersByItself: boolean; speaksLines: boolean };
let unanswered: number;
let prompter: Prompter;

beforeEach(() => {
  clock = new VirtualClock();
  responses = new Responses();
  said = [];
  world = { callerTurn: false, instructions: 'Be brief.', answersByItself: true, speaksLines: false };
  unanswered = 0;
  prompter = new Prompter({
    clock,
    link: {
      get answersByItself() {
        return world.answersByItself;
      },
      respond: ({ instructions, toolChoice } = {}) =>
        void said.push(['respond', instructions, toolChoice].filter(Boolean).join('|')),
      sayLine: (line) => {
        if (world.speaksLines) said.push(`say ${line}`);
        return world.speaksLines;
      },
      update: (change) => void said.push(`update ${Object.keys(change)}`),
    },
    responses,
    isCallerTurn: () => world.callerTurn,
    instructions: () => world.instructions,
    onUnanswered: () => {
      unanswered += 1;
    },
  });
});

function told(): string[] {
  return said.splice(0);
}

function starts(responseId: string): void {
  responses.started(responseId);
  prompter.responseStarted(responseId);
}

function done(responseId: string, status: ResponseStatus = 'completed', wanted = true, sounded = true): void {
  responses.done(responseId);
  prompter.responseDone({ type: 'response-done', responseId, status }, wanted, sounded);
}

describe('asking', () => {
  it('waits for the response that is being made, and for the caller', () => {
    starts('r1');
    prompter.ask();
    world.callerTurn = true;
    done('r1');
    expect(told()).toEqual([]);
    world.callerTurn = false;
    prompter.flush();
    expect(told()).toEqual(['respond']);
    expect(responses.busy).toBe(true);
  });

  it('adds its own words to those of the session', () => {
    prompter.askFor('Greet.');
    expect(told()).toEqual(['respond|Be brief.\n\nGreet.']);
  });

  it('has a line said by a model that can, and asked for of one that cannot', () => {
    prompter.sayLine('Hello.');
    expect(told()).toEqual(['respond|Be brief.\n\nSay exactly this, and nothing else: "Hello."|none']);
    starts('r1');
    done('r1');
    world.speaksLines = true;
    prompter.sayLine('Hello.');
    expect(told()).toEqual(['say Hello.']);
    expect(responses.busy).toBe(true);
  });

  it('takes a line back that is not wanted any more', () => {
    world.callerTurn = true;
    const takeBack = prompter.sayLine('One moment.');
    takeBack();
    world.callerTurn = false;
    prompter.flush();
    expect(told()).toEqual([]);
    expect(prompter.idle).toBe(true);
  });
});

describe('a line that was cancelled', () => {
  beforeEach(() => {
    prompter.sayLine('Hello.');
    starts('r1');
    told();
  });

  it('before anything of it was sent is asked for again', () => {
    done('r1', 'cancelled', false, false);
    expect(told()).toHaveLength(1);
  });

  it('when its beginning was sent is not', () => {
    done('r1', 'cancelled', false, true);
    expect(told()).toEqual([]);
  });

  it('by somebody who did not want to hear it is not', () => {
    prompter.silenced();
    done('r1', 'cancelled', false, false);
    expect(told()).toEqual([]);
  });
});

describe('a caller who has finished', () => {
  it('is answered by the model itself, and what waits goes after that', () => {
    prompter.callerStopped();
    prompter.askFor('Say more.');
    expect([told(), prompter.idle]).toEqual([[], false]);
    starts('r1');
    done('r1');
    expect(told()).toEqual(['respond|Be brief.\n\nSay more.']);
  });

  it('is not waited for any longer than 1.5 s', () => {
    prompter.callerStopped();
    prompter.ask();
    clock.advance(1_499);
    expect(told()).toEqual([]);
    clock.advance(1);
    expect(told()).toEqual(['respond']);
  });

  it('is not waited for where the model is asked for every response', () => {
    world.answersByItself = false;
    prompter.callerStopped();
    prompter.ask();
    expect(told()).toEqual(['respond']);
  });
});

describe('a change', () => {
  it('is told at once, or when the response is done, before the next is asked for', () => {
    prompter.update({ instructions: 'A' });
    starts('r1');
    prompter.update({ instructions: 'B' });
    prompter.update({ tools: [] });
    prompter.ask();
    expect(told()).toEqual(['update instructions']);
    done('r1');
    expect(told()).toEqual(['update instructions,tools', 'respond']);
  });

  it('waits while a response is asked for, and no longer when that is refused', () => {
    prompter.ask();
    prompter.update({ instructions: 'A' });
    expect(told()).toEqual(['respond']);
    prompter.error('server_error', false);
    expect(told()).toEqual(['update instructions']);
  });
});

describe('a failure', () => {
  it('is tried once more, then the caller is told', () => {
    prompter.askFor('Greet.');
    starts('r1');
    done('r1', 'failed');
    clock.advance(0);
    expect(told()).toEqual(['respond|Be brief.\n\nGreet.', 'respond|Be brief.\n\nGreet.']);
    starts('r2');
    done('r2', 'failed');
    clock.advance(10_000);
    expect([told(), unanswered]).toEqual([[], 1]);
  });

  it('of a line that the model speaks is tried once more, too', () => {
    world.speaksLines = true;
    prompter.sayLine('Hello.');
    starts('r1');
    done('r1', 'failed');
    clock.advance(0);
    expect(told()).toEqual(['say Hello.', 'respond|Be brief.\n\nSay exactly this, and nothing else: "Hello."|none']);
  });

  it('of a response that somebody interrupted is nobody’s loss', () => {
    prompter.ask();
    starts('r1');
    done('r1', 'failed', false);
    clock.advance(10_000);
    expect([told(), unanswered]).toEqual([['respond'], 0]);
  });

  it('is not mended while the caller speaks', () => {
    prompter.ask();
    starts('r1');
    done('r1', 'failed');
    world.callerTurn = true;
    clock.advance(0);
    expect(told()).toEqual(['respond']);
  });
});

describe('an error', () => {
  it('that may answer a request is followed by another one, unless its response begins after all', () => {
    prompter.ask();
    prompter.error('server_error', false);
    expect(responses.busy).toBe(false);
    clock.advance(1_000);
    expect(told()).toEqual(['respond', 'respond']);
    prompter.error('server_error', false);
    expect(unanswered).toBe(1);
    prompter.ask();
    prompter.error('server_error', false);
    starts('r1');
    clock.advance(10_000);
    expect(told()).toEqual(['respond']);
  });

  it('says nothing about a response that is being made, nor when nothing was asked for', () => {
    prompter.error('server_error', false);
    starts('r1');
    prompter.error('server_error', false);
    clock.advance(10_000);
    expect([told(), unanswered, responses.busy]).toEqual([[], 0, true]);
  });

  it('that a response is being made already does not keep the agent silent', () => {
    prompter.ask();
    prompter.error('conversation_already_has_active_response', true);
    expect(told()).toEqual(['respond']);
    starts('r1');
    done('r1');
    expect(prompter.idle).toBe(true);
    prompter.ask();
    expect(told()).toEqual(['respond']);
  });
});

describe('another session', () => {
  it('is asked to go on with a broken answer, before anything else', () => {
    starts('r1');
    prompter.ask();
    prompter.update({ instructions: 'A' });
    world.instructions = 'A';
    responses.killAll();
    world.callerTurn = true;
    prompter.switched({ type: 'switched', reason: 'lost', wasResponding: true });
    world.callerTurn = false;
    prompter.flush();
    expect(told()).toEqual(['update instructions', expect.stringMatching(/^respond\|A\n\nYour last line was cut off/)]);
    starts('r2');
    done('r2');
    expect(told()).toEqual(['respond']);
  });

  it('is asked for what the one before owed', () => {
    prompter.askFor('Greet.');
    responses.killAll();
    told();
    prompter.switched({ type: 'switched', reason: 'lost', wasResponding: false, owed: { instructions: 'Greet.' } });
    expect(told()).toEqual(['respond|Greet.']);
  });

  it('is asked for nothing when nothing is owed, and nobody waits for it', () => {
    prompter.callerStopped();
    prompter.switched({ type: 'switched', reason: 'voice', wasResponding: false });
    clock.advance(10_000);
    expect([told(), prompter.idle]).toEqual([[], true]);
  });
});

it('leaves no timer behind', () => {
  prompter.callerStopped();
  prompter.stop();
  expect(clock.pending).toBe(0);
});
