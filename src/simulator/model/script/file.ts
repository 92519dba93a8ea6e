import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { VoicebridgeError } from '../../../errors.js';
import { YamlFile } from '../../../yaml-file.js';
import { modelScript, type WrittenModel } from './grammar.js';
import { explainMistake } from './mistake.js';

const HINT = 'samples/models/tools.yaml shows how a model is written; schemas/model.schema.json knows every key';

/** A checked script, and where it came from: its voice and its sounds lie beside it. */
export interface ModelScript extends WrittenModel {
  readonly path: string;
}

/** Reads and checks a model script. Throws VoicebridgeError file-missing, file-unreadable, or script-invalid with the line. */
export async function loadModelScript(path: string): Promise<ModelScript> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new VoicebridgeError('file-missing', { path, hint: HINT }, { cause });
    throw new VoicebridgeError('file-unreadable', { path, reason: cause.code ?? cause.message, hint: HINT }, { cause });
  });
  return parseModelScript(text, path);
}

/** `path` is for messages, and for what the script names relative to itself. Throws VoicebridgeError script-invalid. */
export function parseModelScript(text: string, path = 'model.yaml'): ModelScript {
  const file = new YamlFile(text, path, { error: 'script-invalid', hint: HINT });
  let value: unknown;
  try {
    value = file.toValue();
  } catch (error) {
    return file.failAt(1, error instanceof Error ? error.message : String(error));
  }
  // An empty file is a script that asks for nothing.
  const parsed = modelScript.safeParse(value ?? {});
  if (!parsed.success) {
    const { path: place, reason } = explainMistake(parsed.error.issues[0]!, value, knownKeys);
    return file.failAt(file.lineAt(place), reason);
  }
  return { ...parsed.data, path };
}

type Schema = z.core.$ZodType;

/** The names that a map at this place of a script may have. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let schemas: Schema[] = [modelScript];
  for (const step of path) schemas = schemas.flatMap(bare).flatMap((schema) => stepInto(schema, step));
  return schemas.flatMap(bare).flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []));
}

function bare(schema: Schema): Schema[] {
  if (schema instanceof z.ZodOptional) return bare(schema.unwrap());
  if (schema instanceof z.ZodUnion) return (schema.options as Schema[]).flatMap(bare);
  return [schema];
}

function stepInto(schema: Schema, step: PropertyKey): Schema[] {
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodObject && typeof step === 'string' && step in schema.shape) return [schema.shape[step]!];
  return [];
}
