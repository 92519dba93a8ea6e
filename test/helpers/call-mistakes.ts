/**
 * Mistakes people make in a call.yaml, and the sentence each is answered with, from the line on. Those that are not
 * beyond the schema are refused by the published schema as well, so that an editor shows them while one types.
 */
export const MISTAKES: readonly (readonly [text: string, sentence: string, beyondSchema?: true])[] = [
  [
    'steps:\n  - say: a.wav\n  - sya: b.wav',
    '3: unknown step "sya", did you mean "say"? It is one of wait, say, interrupt, backchannel, cough, digits, expect, if, hangup, drop, reconnect',
  ],
  [
    'steps:\n  - say: a.wav\n  - shout: b.wav',
    '3: unknown step "shout": a step is one of wait, say, interrupt, backchannel, cough, digits, expect, if, hangup, drop, reconnect',
  ],
  ['steps:\n  - say: a.wav\n    hangup: true', '2: this step is both say and hangup: begin each with its own dash'],
  ['steps:\n  - say: a.wav\n    after: 1s', '3: "say" has no "after": it has say'],
  [
    'steps:\n  - say: 5',
    '2: "say" takes the name of a WAV or {file, text, silence, tone, noise} or a list of sounds, not "5"',
  ],
  [
    'steps:\n  - say:',
    '2: "say" takes the name of a WAV or {file, text, silence, tone, noise} or a list of sounds, and nothing stands there',
  ],
  [
    'steps:\n  - say: {txt: hello}',
    '2: a sound has no "txt", did you mean "text"? It has file, text, silence, tone, noise',
  ],
  [
    'steps:\n  - say: {file: a.wav, text: hello}',
    '2: a sound needs one of "file", "text", "silence", "tone" or "noise"',
  ],
  ['steps:\n  - say: {tone: {hz: 5000, ms: 100, dbov: -20}}', '2: "hz" takes Hertz from 1 to 3999, not "5000"'],
  ['steps:\n  - say:\n      tone: {hz: 500, ms: 100}', '3: a tone needs "dbov": a level in dBov from -90 to -3.01'],
  ['steps:\n  - say: {silence: 2}', '2: "silence" takes a time like 500ms or 1.5s, not "2"'],
  ['steps:\n  - say: []', '2: "say" takes a list of sounds'],
  [
    'steps:\n  - say:\n    - a.wav\n    - 7',
    '4: "say" takes the name of a WAV or {file, text, silence, tone, noise}, not "7"',
  ],
  ['steps:\n  - wait: 500', '2: "wait" takes agent-starts, agent-finishes or a time like 500ms or 1.5s, not "500"'],
  [
    'steps:\n  - wait: agent-start',
    '2: "wait" takes agent-starts, agent-finishes or a time like 500ms or 1.5s, not "agent-start": did you mean agent-starts?',
  ],
  ['steps:\n  - wait: 1s\n    timeout: 2s', '3: "wait: 1s" has no "timeout": it has wait'],
  ['steps:\n  - wait: agent-starts\n    timeout: soon', '3: "timeout" takes a time like 500ms or 1.5s, not "soon"'],
  [
    'steps:\n  - wait: agent-starts\n    timout: 2s',
    '3: "wait: agent-starts" has no "timout", did you mean "timeout"? It has wait, timeout',
  ],
  ['steps:\n  - interrupt: a.wav', '2: "interrupt" needs one of "after: 1200ms", "at: 50%" and "left: 100ms"'],
  [
    'steps:\n  - interrupt: a.wav\n    at: 50%\n    after: 1s',
    '2: "interrupt" needs one of "after: 1200ms", "at: 50%" and "left: 100ms"',
  ],
  ['steps:\n  - interrupt: a.wav\n    at: 120%', '3: "at" takes a share of the answer like 50%, not "120%"'],
  [
    'steps:\n  - interrupt: a.wav\n    after: first-paus',
    '3: "after" takes a time like 500ms or 1.5s or first-pause, not "first-paus": did you mean first-pause?',
  ],
  [
    'steps:\n  - backchannel: mmhm',
    '2: "backchannel" takes mm-hm, uh-huh, mm, a file with an ending like .wav or {file, text, silence, tone, noise}, not "mmhm": did you mean mm-hm?',
  ],
  [
    'steps:\n  - backchannel: mm-hm\n    at: 50%\n    left: 1s',
    '2: "backchannel" takes one of "after", "at" or "left", not several',
  ],
  [
    'steps:\n  - cough: loud',
    '2: "cough" takes true, a file with an ending like .wav or {file, text, silence, tone, noise}, not "loud"',
  ],
  ['steps:\n  - digits: call me', '2: "digits" takes keys of a telephone in quotes, like "12#", not "call me"'],
  ['steps:\n  - digits: "1"\n    tone: -20', '3: write "tone: true"'],
  [
    'steps:\n  - expect: agent-speak\n    within: 1s',
    '2: "expect" takes agent-speaks, agent-silent, agent-stops, agent-goes-on, mark or no-lint, not "agent-speak": did you mean agent-speaks?',
  ],
  ['steps:\n  - expect: agent-speaks', '2: "expect: agent-speaks" needs "within": a time like 500ms or 1.5s'],
  ['steps:\n  - expect: agent-stops\n    for: 1s', '3: "expect: agent-stops" has no "for": it has expect, within'],
  ['steps:\n  - expect: no-lint\n    level: note', '3: "level" takes error or warning, not "note"'],
  [
    'steps:\n  - if: agent-spoke\n    then: [{hangup: true}]',
    '2: a condition is one of agent, mark, like "if: {agent: spoke, within: 2s}"',
  ],
  [
    'steps:\n  - if: {agent: spoken}\n    then: [{hangup: true}]',
    '2: "agent" takes spoke, stopped, silent or went-on, not "spoken": did you mean spoke?',
  ],
  [
    'steps:\n  - if: {agent: silent, within: 2s}\n    then: [{hangup: true}]',
    '2: "agent: silent" has no "within": it has agent, for',
  ],
  ['steps:\n  - if: {agent: spoke}', '2: "if" needs "then": a list of steps'],
  [
    'steps:\n  - if: {agent: spoke}\n    then:\n      - hangup: true\n    else:\n      - sai: a.wav',
    '6: unknown step "sai", did you mean "say"? It is one of wait, say, interrupt, backchannel, cough, digits, expect, if, hangup, drop, reconnect',
  ],
  ['steps:\n  - hangup: maybe', '2: write "hangup: true"'],
  ['steps:\n  - reconnect: 2s', '2: write "reconnect: true"'],
  ['steps:\n  - hangup: true\n  - say: a.wav', '3: nothing can follow a hangup: the call is over', true],
  [
    'steps:\n  - drop: true\n  - say: a.wav',
    '3: only a reconnect can follow a drop: write "- reconnect: true" first',
    true,
  ],
  [
    'steps:\n  - say',
    '2: a step is one of wait, say, interrupt, backchannel, cough, digits, expect, if, hangup, drop, reconnect, like "- say: hello.wav"',
  ],
  ['steps: []', '1: "steps" must be a list with at least one step'],
  ['name: x', '1: a call needs "steps": a list of steps'],
  ['name: [a]\nsteps:\n  - hangup: true', '1: "name" takes text, not "a list"'],
  ['- say: a.wav', '1: a call is a list of "steps"'],
  ['', '1: a call is a list of "steps"'],
  [
    'steps:\n  - hangup: true\ncolour: red',
    '3: a call has no "colour": it has name, description, model, noise, echo, network, faults, assume, steps',
  ],
  [
    'steps:\n  - hangup: true\nehco: {db: -30, delayMs: 100}',
    '3: a call has no "ehco", did you mean "echo"? It has name, description, model, noise, echo, network, faults, assume, steps',
  ],
  ['steps:\n  - hangup: true\necho: {db: 30, delayMs: 100}', '3: "db" takes a level in dB from -80 to 0, not "30"'],
  [
    'noise: {kind: pink, dbov: -40}\nsteps:\n  - hangup: true',
    '1: "kind" takes white, babble, hum or file, not "pink"',
  ],
  [
    'noise: {kind: file, dbov: -40}\nsteps:\n  - hangup: true',
    '1: a noise of kind file has a "file", others have none: {kind: file, file: street.wav, dbov: -40}',
  ],
  [
    'noise: {kind: hum, dbov: -40, file: a.wav}\nsteps:\n  - hangup: true',
    '1: a noise of kind file has a "file", others have none: {kind: file, file: street.wav, dbov: -40}',
  ],
  [
    'faults:\n  - stal@5s\nsteps:\n  - hangup: true',
    '2: "stal" is no fault: there are stall, bunch, slow-reader, half-open, close, reset, duplicate',
  ],
  [
    'assume:\n  clear-delays: 5ms\nsteps:\n  - hangup: true',
    '2: what is assumed has no "clear-delays", did you mean "clear-delay"? It has handshake-timeout, clear-delay, marks-on-clear, extra-fields, bad-payload, ping-every, close-code, digit-at, digit-length, max-unread, max-message',
  ],
  [
    'assume:\n  clear-delay: soon\nsteps:\n  - hangup: true',
    '2: clear-delay takes a time like 500ms or 1.5s, up to 10 minutes, not "soon"',
    true,
  ],
];
