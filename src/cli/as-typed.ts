import type { World } from './world.js';

const COMMAND = /(?<![\w./-])voicebridge (?=--|(simulate|lint|bench|init|serve|model|help)\b)/g;

/** A command in a sentence as this person has to type it: in a project that installed the package that is with npx. */
export function asTyped(text: string, env: World['env']): string {
  return env.npm_lifecycle_event === 'npx' ? text.replace(COMMAND, 'npx voicebridge ') : text;
}
