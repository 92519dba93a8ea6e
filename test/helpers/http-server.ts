import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface TestServer {
  readonly url: string;
  /** What came, as it came. */
  readonly seen: readonly SeenRequest[];
  /** Resolves when a client has gone away before it was answered. */
  readonly abandoned: Promise<void>;
  close(): Promise<void>;
}

/** A real HTTP server on a free port. Closing it breaks off what is still open. */
export async function serveHttp(
  answer: (response: ServerResponse, request: SeenRequest) => unknown,
): Promise<TestServer> {
  const seen: SeenRequest[] = [];
  let abandon: () => void = () => {};
  const abandoned = new Promise<void>((resolve) => {
    abandon = resolve;
  });
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const complete = { method: request.method!, url: request.url!, headers: request.headers, body };
    seen.push(complete);
    response.on('close', () => !response.writableFinished && abandon());
    await answer(response, complete);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...{ seen, abandoned, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
