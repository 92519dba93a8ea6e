/** One thing that breaks, for the README's table and the test that makes it happen: neither can change without the other. */
export interface ModelBreak {
  /** The agent of test/fixtures/agents/breaks.yaml that it happens to. */
  readonly agent: string;
  /** The script of its model; none where there is no model. */
  readonly script?: string;
  readonly what: string;
  /** What the caller hears; `said` are the lines of the agent, in their order, a line cut off as far as it was made. */
  readonly hears: string;
  readonly said: readonly string[];
  /** Silence at the caller's ear, in ms: before the first sound of the call, before the answer, or within it. */
  readonly silence: { readonly where: 'first' | 'answer' | 'within'; readonly ms: readonly [number, number] };
  readonly log: readonly string[];
}

const GREETING = 'Green Street Bicycles, good morning. How can I help you?';
const DAYS =
  'You may bring it in on Wednesday morning at eleven, on Thursday at half past nine, and on Friday you can come at any time after two.';
const CUT = 'You may bring it in on Wednesday morning at eleven,';
const PRICE = 'The pads are eleven pounds a pair, and we need twenty minutes to put them on.';
const APOLOGY = 'Is there anything else I can do for you?';
const FAILED = 'warn the model did not finish its response status=failed reason=server_error';

export const MODEL_BREAKS: readonly ModelBreak[] = [
  {
    agent: 'expires',
    script: 'responses: [{when: {session: 1, response: 2}, say: days, expire: {after: 2s}}, {say: price}]',
    what: 'the session expires in the middle of an answer',
    hears: 'all that had been sent of the answer, then the next session, which goes on from there',
    said: [GREETING, CUT, PRICE],
    silence: { where: 'within', ms: [0, 500] },
    log: [
      'warn model retrying reason="session_expired: Your session hit the maximum duration of 60 minutes."',
      'info model switched reason=expired',
    ],
  },
  {
    agent: 'resets',
    script: 'responses: [{when: {session: 1, response: 2}, say: days, drop: {after: 2s}}, {say: price}]',
    what: 'the socket of the model is reset in the middle of an answer',
    hears: 'the same',
    said: [GREETING, CUT, PRICE],
    silence: { where: 'within', ms: [0, 500] },
    log: ['warn model retrying reason="it closed the connection (1006)"', 'info model switched reason=lost'],
  },
  {
    agent: 'slow',
    script: 'sessions: [{connectDelay: 5s}]',
    what: 'the model takes 5 s to connect',
    hears: 'silence, then the greeting; what they say meanwhile is answered',
    said: [GREETING, DAYS],
    silence: { where: 'first', ms: [5_000, 6_500] },
    log: ['info model ready tookMs=…'],
  },
  {
    agent: 'fallback',
    what: 'the first model of the agent refuses connections, the second does not',
    hears: 'the greeting of the second, a little late',
    said: [GREETING, DAYS],
    silence: { where: 'first', ms: [500, 2_500] },
    log: [
      'warn model retrying reason=ECONNREFUSED',
      'warn model retrying reason=ECONNREFUSED',
      'warn model retrying reason=ECONNREFUSED',
      'info model ready tookMs=…',
    ],
  },
  {
    agent: 'away',
    what: 'the only model refuses connections',
    hears: 'three falling tones, or the `apology` of the agent; then the call ends',
    said: [],
    silence: { where: 'first', ms: [200, 2_000] },
    log: [
      'warn model retrying reason=ECONNREFUSED',
      'warn model retrying reason=ECONNREFUSED',
      'warn model lost reason=ECONNREFUSED',
    ],
  },
  {
    agent: 'fails-once',
    script: 'responses: [{when: {response: 2}, fail: true}, {say: price}]',
    what: 'a response fails',
    hears: 'the answer, one thought later',
    said: [GREETING, PRICE],
    silence: { where: 'answer', ms: [1_000, 2_500] },
    log: [FAILED],
  },
  {
    agent: 'fails-twice',
    script: 'responses: [{when: {response: 2}, fail: true}, {when: {response: 3}, fail: true}, {say: price}]',
    what: 'a response fails, and so does the second try',
    hears: 'the `apology`, and the call goes on; without one, nothing until they speak again',
    said: [GREETING, APOLOGY],
    silence: { where: 'answer', ms: [1_000, 2_500] },
    log: [FAILED, FAILED],
  },
  {
    agent: 'voice',
    script: 'responses: [{say: days}]',
    what: 'an operator changes the voice in the middle of an answer',
    hears: 'the answer to its end in the old voice, the next one in the new voice and no later than any other',
    said: [GREETING, DAYS, DAYS],
    silence: { where: 'answer', ms: [700, 1_500] },
    log: ['info steered by=operator command=voice', 'info model switched reason=voice'],
  },
];

/** `0–0.5 s in the answer` */
export function silenceOf({ where, ms: [least, most] }: ModelBreak['silence']): string {
  const place = { first: 'before the first sound', answer: 'before the answer', within: 'in the answer' }[where];
  return `${least / 1000}–${most / 1000} s ${place}`;
}
