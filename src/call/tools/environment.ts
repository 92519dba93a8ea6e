import { VoicebridgeError } from '../../errors.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A text with every `${NAME}` replaced. Throws `tool-unusable` when one is not set. @param tool for the sentence */
export function fillIn(text: string, env: Environment, tool: string): string {
  return text.replace(/\$\{([A-Za-z_]\w*)\}/g, (_whole, name: string) => required(name, env, tool));
}

export function fillInAll(
  texts: Readonly<Record<string, string>>,
  env: Environment,
  tool: string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fillIn(text, env, tool)]));
}

/** The value of a variable that must be set. */
export function required(name: string, env: Environment, tool: string): string {
  const value = env[name];
  if (value) return value;
  throw new VoicebridgeError('tool-unusable', {
    tool,
    reason: `the environment variable ${name} is not set`,
    hint: `export ${name}=…`,
  });
}
