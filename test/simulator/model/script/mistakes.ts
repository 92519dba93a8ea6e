/** What people write wrong in a model script, what they are told, and whether an editor with the schema sees it too. */
export const MODEL_MISTAKES: readonly (readonly [text: string, sentence: string, beyondSchema?: true])[] = [
  [
    'responses:\n  - say: x\n    thnik: 3ms',
    'line 3: entry 1 of "responses" has no "thnik", did you mean "think"? It has when, say, call,',
  ],
  ['think: 3', 'line 1: "think" takes a time like 500ms or 1.5s, not "3"'],
  ['responses:\n  - output: [{sya: x}]', 'line 2: entry 1 of "output" has no "sya", did you mean "say"?'],
  [
    'responses:\n  - output:\n      - {say: x, call: y}',
    'line 3: entry 1 of "output" needs one of "say" and "call"',
    true,
  ],
  ['responses: [{say: a, call: b}]', 'line 1: entry 1 of "responses" takes one of "say", "call" and "output"', true],
  ['greeting: {say: a, takes: 1s}', 'line 1: "greeting" has arguments or takes, which belong to a "call"', true],
  ['sessions:\n  - refuse: 200', 'line 2: "refuse" takes an HTTP status from 400 to 599, not "200"'],
  ['dialect: xia', 'line 1: "dialect" takes openai, azure or xai, not "xia": did you mean xai?'],
  ['responses: []', 'line 1: "responses" takes a list with at least one entry, not an empty one'],
  ['responses:\n  - say: 3', 'line 2: "say" takes a text, or {text, wav, tone}, not "3"'],
  ['responses:\n  - say: {tone: {hz: 3}}', 'line 2: "tone" needs "ms"'],
  ['caller:\n  - one\n  - {says: x, trun: 3}', 'line 3: entry 2 of "caller" has no "trun", did you mean "turn"?'],
  ['fail: true', 'line 1: the script has no "fail": it has name, description, dialect,'],
  ['responses: [{fail: {cod: x}}]', 'line 1: "fail" has no "cod", did you mean "code"?'],
  ['- say: x', 'line 1: the script takes a map, not a list'],
  [
    'sessions: [{silent: sesion}]',
    'line 1: "silent" takes handshake, session or responses, not "sesion": did you mean session?',
  ],
  ['responses:\n  - say: x\n    stall: {after: 1s}', 'line 3: "stall" needs "for"'],
  ['responses:\n  - when: {response: 0}', 'line 2: "response" takes a whole number from 1 on, not "0"'],
  [
    'responses:\n  - when: {hears: "/(/"}',
    'line 2: "hears" takes words, or a pattern like /yes|no/, and this is none',
    true,
  ],
  ['speed: fast', 'line 1: "speed" takes a number like 4, or two like [3, 5], not "fast"'],
  [
    'sessions:\n  - {error: rate}',
    'line 2: "error" takes invalid_api_key, insufficient_quota or model_not_found, not "rate"',
  ],
  ['responses:\n  - silent: false', 'line 2: "silent" takes true, not "false"'],
  ['responses: [', 'line 1: '],
];
