import type * as zod from 'zod';

/** What a model wrote as arguments, read; or a sentence for the model about what is wrong with it. */
export type ReadArguments = { readonly args: Readonly<Record<string, unknown>> } | { readonly error: string };

/** A schema that cannot be turned into a check has `undefined`: then the tool itself has to look at what it is given. */
const checks = new WeakMap<object, zod.ZodType | undefined>();
let loading: Promise<typeof zod> | undefined;

/**
 * Reads the JSON that a model wrote and holds it against the JSON Schema that it was shown. The arguments are passed on as
 * they came: nothing is filled in, dropped or converted. An empty text is what some models write for no arguments.
 */
export async function readArguments(
  parameters: Readonly<Record<string, unknown>>,
  text: string,
): Promise<ReadArguments> {
  let args: unknown;
  try {
    args = JSON.parse(text.trim() || '{}');
  } catch {
    return { error: 'the arguments are not JSON' };
  }
  if (typeof args !== 'object' || args === null || Array.isArray(args)) {
    return { error: 'the arguments are not a JSON object' };
  }
  const mistakes = (await checkFor(parameters))?.safeParse(args).error?.issues ?? [];
  if (mistakes.length === 0) return { args: args as Record<string, unknown> };
  const sentences = mistakes
    .slice(0, MAX_MISTAKES)
    .map(({ path, message }) => `${path.join('.') || '(all)'}: ${message}`);
  return { error: `the arguments do not fit: ${sentences.join('; ')}` };
}

const MAX_MISTAKES = 5;

/** Why no check can be made of this schema: a JSON Schema keyword that the validator does not know. Undefined: it can. */
export async function uncheckable(parameters: Readonly<Record<string, unknown>>): Promise<string | undefined> {
  try {
    (await zodModule()).fromJSONSchema(parameters);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Made once for each schema, which all calls of an agent share. */
async function checkFor(parameters: Readonly<Record<string, unknown>>): Promise<zod.ZodType | undefined> {
  if (!checks.has(parameters)) {
    const { fromJSONSchema } = await zodModule();
    let check: zod.ZodType | undefined;
    try {
      check = fromJSONSchema(parameters);
    } catch {}
    checks.set(parameters, check);
  }
  return checks.get(parameters);
}

/** Loaded with the first tool: it takes 90 ms, which a relay without tools need not spend. */
function zodModule(): Promise<typeof zod> {
  loading ??= import('zod');
  return loading;
}
