/** Values a log line may carry. Never a payload, a key or a phone number. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where the relay tells what happened. One line per event of a call, never one per frame. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export const silentLog: Log = { info() {}, warn() {}, error() {} };

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
    text += ` ${name}=${typeof value === 'string' && /[\s"=]/.test(value) ? JSON.stringify(value) : value}`;
  }
  return text;
}
