/** Values a log line may carry. Never a payload, a key or a phone number. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where the relay tells what happened. One line per event of a call, never one per frame. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export const silentLog: Log = { info() {}, warn() {}, error() {} };

/** The same log with further fields in front of each line's own. They are asked for at every line: some come to be known. */
export function logWith(log: Log, fields: () => LogFields): Log {
  return {
    info: (message, own) => log.info(message, { ...fields(), ...own }),
    warn: (message, own) => log.warn(message, { ...fields(), ...own }),
    error: (message, own) => log.error(message, { ...fields(), ...own }),
  };
}

/** Longest value of a field, in characters. */
const LONGEST_VALUE = 300;

/** Lines of `level message key=value …` for people; `write` gets each line with its line end. */
export function lineLog(write: (line: string) => void): Log {
  const line = (level: string) => (message: string, fields?: LogFields) => {
    write(`${level} ${message.replace(/\s+/g, ' ')}${fields ? formatFields(fields) : ''}\n`);
  };
  return { info: line('info '), warn: line('warn '), error: line('error') };
}

function formatFields(fields: LogFields): string {
  let text = '';
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    text += ` ${name}=${typeof value === 'string' ? shown(value) : value}`;
  }
  return text;
}

/** What others have sent must neither look like a line or a field of ours nor speak to the terminal. */
function shown(value: string): string {
  const plain = value.replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '').slice(0, LONGEST_VALUE);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON writes them as escapes
  return /[\s"=\u0000-\u001f]/.test(plain) ? JSON.stringify(plain) : plain;
}
