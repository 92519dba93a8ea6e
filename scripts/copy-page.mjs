import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The files the page of a call is made from are not compiled: they go beside the code that reads them. */
const from = fileURLToPath(new URL('../src/measure/page/browser', import.meta.url));
const to = fileURLToPath(new URL('../dist/measure/page/browser', import.meta.url));
cpSync(from, to, { recursive: true, filter: (path) => !/\.(json|d\.ts)$/.test(path) });
