import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import twilio, { type Twilio } from 'twilio';
import RequestClient from 'twilio/lib/base/RequestClient.js';

/** The real SDK, which knows one host: every request goes to `baseUrl` instead. */
export function sdk(baseUrl: string, accountSid: string, username: string, password: string, timeoutMs = 5000): Twilio {
  class ElsewhereClient extends RequestClient {
    override request<Data>(request: Parameters<InstanceType<typeof RequestClient>['request']>[0]) {
      const uri = request.uri.replace('https://api.twilio.com', baseUrl);
      return super.request<Data>({ ...(request as typeof request & { data?: Data }), uri });
    }
  }
  return twilio(username, password, { accountSid, httpClient: new ElsewhereClient({ timeout: timeoutMs }) });
}

export interface SeenCallback {
  readonly url: string;
  readonly method: string;
  readonly signature: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly form: Readonly<Record<string, string>>;
}

/** Somebody's server: keeps what comes, answers 204. */
export async function listener() {
  const seen: SeenCallback[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.push({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${request.url}`,
      method: request.method ?? '',
      signature: String(request.headers['x-twilio-signature']),
      headers: request.headers,
      form: Object.fromEntries(new URLSearchParams(body)),
    });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the SDK threw, as far as tests look at it. */
export async function refusalOf(request: Promise<unknown>): Promise<{ status: number; code: number; message: string }> {
  try {
    await request;
  } catch (error) {
    const { status, code, message } = error as { status: number; code: number; message: string };
    return { status, code, message };
  }
  throw new Error('nothing was refused');
}
