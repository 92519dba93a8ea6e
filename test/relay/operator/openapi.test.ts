import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openApi } from '../../../src/relay/operator/openapi.js';
import { ROUTES } from '../../../src/relay/operator/routes.js';
import { OperatorServer } from '../../helpers/operator-server.js';

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>;

const description = JSON.parse(JSON.stringify(openApi()));
const operations: [method: string, path: string, operation: Operation][] = Object.entries(description.paths).flatMap(
  ([path, item]) =>
    Object.entries(item as Record<string, Operation>)
      .filter(([method]) => method !== 'parameters')
      .map(([method, operation]): [string, string, Operation] => [method.toUpperCase(), path, operation]),
);

/** A schema of the description, references into it resolved. */
function compile(schema: object): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: false, formats: { uri: true, 'date-time': true } });
  return ajv.compile({ ...schema, components: description.components }) as (value: unknown) => boolean;
}

describe('the description of the operator’s API', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(openApi() as Record<string, unknown>);
    expect(result.errors ?? []).toEqual([]);
    expect([result.valid, validator.version]).toEqual([true, '3.1']);
  });

  it('is refused when something in it is wrong', async () => {
    const wrong = { ...openApi(), paths: { calls: {} } };
    expect((await new Validator().validate(wrong)).valid).toBe(false);
  });

  it('names every route that is served, and no other', () => {
    const described = operations.map(([method, path]) => `${method} ${path}`).sort();
    expect(described).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it('gives every operation a name of its own', () => {
    expect(new Set(operations.map(([, , { operationId }]) => operationId)).size).toBe(operations.length);
  });

  it.each(operations.filter(([, , { requestBody }]) => requestBody))(
    'shows a body for %s %s that it accepts',
    (...[, , operation]) => {
      const { schema, example } = operation.requestBody!.content['application/json']!;
      const accepts = compile(schema);
      expect([accepts(example), accepts({ nonsense: true })]).toEqual([true, false]);
    },
  );

  it('knows of instructions and transfers that exactly one thing is given', () => {
    const accepts = (path: string): ((value: unknown) => boolean) =>
      compile(description.paths[path].post.requestBody.content['application/json'].schema);
    const instructions = accepts('/calls/{callSid}/instructions');
    const transfer = accepts('/calls/{callSid}/transfer');
    expect([instructions({ text: 'a' }), instructions({}), instructions({ text: 'a', append: 'b' })]).toEqual([
      ...[true, false, false],
    ]);
    expect([transfer({ number: '+15550100001', timeoutSeconds: 9 }), transfer({ timeoutSeconds: 9 })]).toEqual([
      true,
      false,
    ]);
  });
});

describe('every route', () => {
  let server: OperatorServer;

  beforeEach(async () => {
    server = await new OperatorServer().start();
  });

  afterEach(() => server.stop());

  it.each(operations)('answers %s %s as it is described', async (method, path, operation) => {
    const { control } = server.addCall('CA1');
    control.happens({ type: 'caller-said', itemId: 'c1', text: 'Hello?', final: true, startMs: 900 });
    control.happens({ type: 'ended', reason: 'caller' });
    const url = path.replace('{callSid}', 'CA1');
    const example = operation.requestBody?.content['application/json']?.example;
    const answer = await (example === undefined ? server.fetch(url, { method }) : server.post(url, example));
    const described = operation.responses[answer.status];
    expect([answer.status, described !== undefined]).toEqual([answer.status < 300 ? answer.status : 'a success', true]);
    const text = await answer.text();
    const content = described!.content;
    if (!content) return expect(text).toBe('');
    const type = answer.headers.get('content-type')!;
    expect(Object.keys(content)).toContain(type);
    const value = type === 'text/event-stream' ? /^data: (.*)$/m.exec(text)![1]! : text;
    const accepts = compile(content[type]!.schema);
    expect(accepts(JSON.parse(value))).toBe(true);
  });

  it.each(operations.filter(([, path]) => path.includes('{callSid}')))(
    'refuses %s %s for an unknown call as it is described',
    async (method, path, operation) => {
      const url = path.replace('{callSid}', 'CA9');
      const example = operation.requestBody?.content['application/json']?.example;
      const answer = await (example === undefined ? server.fetch(url, { method }) : server.post(url, example));
      expect(answer.status).toBe(404);
      const accepts = compile(operation.responses[404]!.content!['application/problem+json']!.schema);
      expect(accepts(await answer.json())).toBe(true);
    },
  );
});
