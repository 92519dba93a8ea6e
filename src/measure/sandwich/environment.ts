/** Where a relay under test finds the simulated model, and where it is to listen itself. */
export interface Surroundings {
  /** `ws://127.0.0.1:PORT/v1/realtime` */
  readonly modelUrl: string;
  /** On which the relay is awaited: that of `--url`. */
  readonly port: number;
}

/** A key that opens nothing: the simulated model takes any. */
const DUMMY_KEY = 'sk-voicebridge-bench';

/** What the names in braces stand for, in `--start`, in `--env` and in `--url`. */
export const PLACEHOLDERS = {
  model: "the model's WebSocket, ws://127.0.0.1:PORT/v1/realtime",
  modelHttp: 'the same as the base URL of a library, http://127.0.0.1:PORT/v1',
  port: 'the port of --url',
} as const;

/** `${port}` is the shell's own and stays. */
const PLACEHOLDER = /(?<!\$)\{(model|modelHttp|port)\}/g;

/** Fills the names in braces in. */
export function filledIn(text: string, { modelUrl, port }: Surroundings): string {
  const values = { model: modelUrl, modelHttp: httpOf(modelUrl), port: String(port) };
  return text.replace(PLACEHOLDER, (_, name: keyof typeof PLACEHOLDERS) => values[name]);
}

/** The variables every relay under test is given, by the names that relays and the vendors' libraries read. */
export const GIVEN = {
  OPENAI_REALTIME_URL: '{model}',
  OPENAI_BASE_URL: '{modelHttp}',
  OPENAI_API_KEY: DUMMY_KEY,
  PORT: '{port}',
} as const;

/** Secrets that would change what is measured: the phone of the bench does not sign its calls. */
const TAKEN_AWAY = ['TWILIO_AUTH_TOKEN'];

/** The whole environment of the relay: ours, what every relay is given, and on top `--env`. */
export function environmentOf(
  base: NodeJS.ProcessEnv,
  own: readonly (readonly [string, string])[],
  surroundings: Surroundings,
): NodeJS.ProcessEnv {
  const kept = Object.entries(base).filter(([name]) => !TAKEN_AWAY.includes(name));
  const given = [...Object.entries(GIVEN), ...own].map(([name, text]) => [name, filledIn(text, surroundings)] as const);
  return Object.fromEntries([...kept, ...given]);
}

/** Reads `NAME=value`, the value of one `--env`; undefined for what is none. */
export function parseVariable(text: string): readonly [string, string] | undefined {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  return name === undefined || value === undefined ? undefined : [name, value];
}

/** What an HTTP library calls the base URL: everything before `/realtime`. */
function httpOf(modelUrl: string): string {
  return modelUrl.replace(/^ws/, 'http').replace(/\/realtime$/, '');
}
