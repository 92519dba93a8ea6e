import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { REFUSALS } from './api-error.js';
import type { Dialect } from './dialect.js';

/** An answer to a WebSocket handshake other than 101. */
export interface UpgradeRefusal {
  readonly status: number;
  readonly message: string;
}

/** Why a handshake is refused, if it is: the fault `refuse`, another path, no deployment, a key that is wrong here. */
export function refusalOf(
  request: IncomingMessage,
  url: URL | undefined,
  dialect: Dialect,
  key: string | undefined,
  refuse: number | undefined,
): UpgradeRefusal | undefined {
  if (refuse !== undefined) return { status: refuse, message: STATUS_CODES[refuse] ?? 'Refused' };
  if (url?.pathname !== dialect.path) return { status: 404, message: 'Not Found' };
  if (dialect.needsModel && !url.searchParams.get('model'))
    return { status: 400, message: 'Missing required query parameter: model, the name of a deployment.' };
  if (key === undefined || !dialect.refusesKeyAtHandshake) return undefined;
  const given = dialect.keyOf(request.headers);
  if (given === key) return undefined;
  return { status: 401, message: (given === undefined ? REFUSALS.missingKey() : REFUSALS.invalidKey('***')).message };
}

export function refuseUpgrade(socket: Duplex, { status, message }: UpgradeRefusal): void {
  const body = JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null } });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
