/** Who has to act: the person at the keyboard, the endpoint that was called, the model, this machine, or this program. */
export type Fault = 'user' | 'endpoint' | 'model' | 'host' | 'voicebridge';

/** 0 good · 1 budget exceeded or the call had errors · 2 usage · 3 cannot connect or protocol broke · 4 measurement unreliable */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

interface ErrorEntry {
  /** One sentence without a full stop; `{name}` is replaced from the details. */
  readonly sentence: string;
  /** What to type or do next. */
  readonly hint: string;
  readonly fault: Fault;
  readonly exit: ExitCode;
}

/**
 * Every error a person can meet: one table, which the README lists and a test holds equal.
 * Sentences say what was wrong and repeat the wrong value; hints name the next command.
 */
export const ERRORS = {
  usage: { sentence: '{message}', hint: 'voicebridge {command} --help', fault: 'user', exit: 2 },
  'options-contradict': {
    sentence: '{first} and {second} cannot be used together',
    hint: 'leave one of them out: voicebridge {command} --help',
    fault: 'user',
    exit: 2,
  },
  'later-version': {
    sentence: '{what} is not part of this version',
    hint: '{hint}',
    fault: 'user',
    exit: 2,
  },
  'file-missing': { sentence: 'there is no file {path}', hint: '{hint}', fault: 'user', exit: 2 },
  'file-unreadable': { sentence: '{path} cannot be read: {reason}', hint: '{hint}', fault: 'user', exit: 2 },
  'file-unwritable': {
    sentence: '{path} cannot be written: {reason}',
    hint: 'check the folder and the free space on its disk',
    fault: 'host',
    exit: 2,
  },
  'file-exists': {
    sentence: '{path} is there already',
    hint: 'name another file, or say --force to write over it',
    fault: 'user',
    exit: 2,
  },
  'wav-unreadable': {
    sentence: '{path} is not audio voicebridge can read: {reason}',
    hint: 'convert it: ffmpeg -i {path} -ar 8000 -ac 1 -c:a pcm_s16le caller.wav',
    fault: 'user',
    exit: 2,
  },
  'recording-invalid': {
    sentence: '{path} is not the recording of a call: {reason}',
    hint: 'give a folder that voicebridge simulate has written: simulate --replay voicebridge-calls/…',
    fault: 'user',
    exit: 2,
  },
  'script-invalid': { sentence: '{path}, line {line}: {reason}', hint: '{hint}', fault: 'user', exit: 2 },
  'config-invalid': { sentence: '{path}, line {line}: {reason}', hint: '{hint}', fault: 'user', exit: 2 },
  'tool-unusable': {
    sentence: '{tool} cannot be used: {reason}',
    hint: '{hint}',
    fault: 'user',
    exit: 2,
  },
  'carrier-refused': {
    sentence: '{carrier} refused to {what}: error {code}',
    hint: '{page}',
    fault: 'endpoint',
    exit: 3,
  },
  'carrier-unreachable': {
    sentence: '{carrier} could not be asked to {what}: {reason}',
    hint: 'check the network of this machine, and https://status.twilio.com',
    fault: 'endpoint',
    exit: 3,
  },
  'port-in-use': {
    sentence: 'port {port} on {host} is already in use',
    hint: 'choose another: voicebridge {command} --port {other}',
    fault: 'host',
    exit: 2,
  },
  'bind-needs-token': {
    sentence:
      '{host} can be reached from other machines and no TWILIO_AUTH_TOKEN is set, so anybody could open a stream',
    hint: 'set TWILIO_AUTH_TOKEN, or say --insecure if you mean it',
    fault: 'user',
    exit: 2,
  },
  'connect-refused': {
    sentence: '{url} refused the connection',
    hint: 'is the server running, and on that port? voicebridge serve starts one',
    fault: 'endpoint',
    exit: 3,
  },
  'connect-failed': {
    sentence: '{url} cannot be reached: {reason}',
    hint: 'check host and port',
    fault: 'endpoint',
    exit: 3,
  },
  'connect-timeout': {
    sentence: '{url} did not answer the WebSocket handshake within {timeoutMs} ms',
    hint: 'check that the server accepts WebSocket upgrades on this path',
    fault: 'endpoint',
    exit: 3,
  },
  'handshake-status': {
    sentence: '{url} answered HTTP {status} instead of 101 Switching Protocols (Twilio error 31920)',
    hint: 'check the path: for voicebridge serve it is /media-stream',
    fault: 'endpoint',
    exit: 3,
  },
  'handshake-demands': {
    sentence: '{url} opens the stream only for a client with {demands}, and Twilio sends none (Twilio error 31920)',
    hint: '{instead}',
    fault: 'endpoint',
    exit: 3,
  },
  'handshake-invalid': {
    sentence: '{url} does not speak WebSocket: {reason}',
    hint: 'point --url at the WebSocket endpoint of your server',
    fault: 'endpoint',
    exit: 3,
  },
  'no-stream': {
    sentence: 'the call to {url} led to no stream: {reason}',
    hint: '{hint}',
    fault: 'endpoint',
    exit: 3,
  },
  'closed-early': {
    sentence: '{url} closed the stream {afterMs} ms after it began (code {code}) and sent nothing',
    hint: "look at the server's own log: it accepted the call and gave it up",
    fault: 'endpoint',
    exit: 3,
  },
  'call-given-up': {
    sentence: 'the call to {url} was given up before it was answered',
    hint: 'call again when the server is ready',
    fault: 'user',
    exit: 3,
  },
  'model-key-missing': {
    sentence: 'the model {model} needs a key and {variable} is not set',
    hint: 'export {variable}=…, or run without a key: voicebridge serve --model sim',
    fault: 'user',
    exit: 2,
  },
  'call-over': {
    sentence: 'the call is over',
    hint: 'GET /calls lists those that go on',
    fault: 'user',
    exit: 2,
  },
  'transfer-needs-account': {
    sentence: 'a call can be handed over only with the carrier account, and TWILIO_ACCOUNT_SID is not set',
    hint: 'export TWILIO_ACCOUNT_SID=… and TWILIO_AUTH_TOKEN=…, and start voicebridge serve again',
    fault: 'user',
    exit: 2,
  },
  'transfer-interrupted': {
    sentence: 'the caller spoke before the call was handed over',
    hint: 'the floor is theirs: ask for the transfer again',
    fault: 'endpoint',
    exit: 3,
  },
  'sound-library-missing': {
    sentence: '--mic needs a library for microphone and speaker, and neither decibri nor naudiodon is installed',
    hint: 'npm install decibri, or npm install naudiodon (needs a C++ compiler)',
    fault: 'host',
    exit: 2,
  },
  'sound-unavailable': {
    sentence: 'microphone and speaker cannot be opened: {reason}',
    hint: 'connect a headset, make it the default of this machine, and let the terminal use the microphone',
    fault: 'host',
    exit: 2,
  },
  'bench-no-answer': {
    sentence: '{url} did not both greet and answer, so there is nothing to interrupt at set places',
    hint: 'listen to a call: voicebridge simulate samples/greeting --url {url}',
    fault: 'endpoint',
    exit: 3,
  },
  'relay-port-taken': {
    sentence: 'somebody listens on {host}:{port} already, so the relay of --start would not be what is measured',
    hint: 'end it, or let the bench choose a free port: --url ws://{host}:{any}/…',
    fault: 'user',
    exit: 2,
  },
  'relay-died': {
    sentence: '"{command}" {how}; {words}',
    hint: 'all it printed is in {log}',
    fault: 'endpoint',
    exit: 3,
  },
  'relay-not-listening': {
    sentence: '"{command}" did not listen on {host}:{port} within {timeoutMs} ms; {words}',
    hint: 'the port is that of --url and stands in PORT; all it printed is in {log}',
    fault: 'endpoint',
    exit: 3,
  },
  'reports-incomparable': {
    sentence: '{before} and {after} cannot be compared: {reasons}',
    hint: 'measure both in the same way, or say --force to compare them all the same',
    fault: 'user',
    exit: 2,
  },
  'bench-spoilt': {
    sentence: 'this machine was too busy to measure: {discarded} of {calls} calls were spoilt ({reason})',
    hint: 'stop what else it is doing, or give it more --runs',
    fault: 'host',
    exit: 4,
  },
  'budget-invalid': {
    sentence: 'the budget "{expr}" is not understood: {reason}',
    hint: "write it like 'bargein.stop_ms p95 < 300'",
    fault: 'user',
    exit: 2,
  },
  internal: {
    sentence: 'voicebridge failed in a way it should not: {message}',
    hint: 'please report this with the command you typed',
    fault: 'voicebridge',
    exit: 3,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorDetails = Readonly<Record<string, string | number>>;

/** An error with a sentence for people, a hint what to do next and a stable exit code. */
export class VoicebridgeError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly fault: Fault;
  readonly exit: ExitCode;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    const entry: ErrorEntry = ERRORS[code];
    super(fill(entry.sentence, details), options);
    this.name = 'VoicebridgeError';
    this.code = code;
    // A hint about the program itself has no command in it: `voicebridge {command} --help`.
    this.hint = fill(entry.hint, details).replace(/ {2,}/g, ' ');
    this.fault = entry.fault;
    this.exit = entry.exit;
  }
}

function fill(text: string, details: ErrorDetails): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));
}
