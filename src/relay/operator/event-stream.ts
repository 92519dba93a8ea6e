import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallEvent } from '../../call/events.js';
import type { Clock } from '../../clock.js';
import { Problem } from './problem.js';

export interface EventStreamOptions {
  readonly clock: Clock;
  readonly heartbeatMs: number;
  /** A reader that lets more than this wait is dropped: the call waits for nobody. */
  readonly maxWaitingBytes: number;
  readonly listen: (onEvent: (event: CallEvent, number: number) => void) => () => void;
  /** Is the call still going on? Asked at every heartbeat, in case its last event was missed. */
  readonly isLive: () => boolean;
  /** The reader is gone, for whatever reason. Called once. */
  readonly onClose: () => void;
}

/**
 * Writes the events of a call as server-sent events (the HTML standard, section 9.2), those that have happened first, until
 * the call or the reader is gone. A reader that comes back with Last-Event-ID gets what it has missed.
 */
export function streamEvents(request: IncomingMessage, response: ServerResponse, options: EventStreamOptions): void {
  const worthSending = partialsApart(PARTIALS_APART_MS);
  const seen = lastEventId(request.headers['last-event-id']);
  const { clock, heartbeatMs, maxWaitingBytes, listen, isLive, onClose } = options;
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    // A proxy that collects the answer before it passes it on would make this useless.
    'X-Accel-Buffering': 'no',
    // The relay may be told to close: nothing must hold this connection once the call is over.
    Connection: 'close',
  });
  response.flushHeaders();
  let open = true;
  let stopListening: (() => void) | undefined;
  let cancelHeartbeat = clock.at(clock.now() + heartbeatMs, heartbeat);

  response.on('close', close);
  response.on('error', close);
  stopListening = listen(onEvent);
  // The call was over before the replay had ended.
  if (!open) stopListening();

  function onEvent(event: CallEvent, number: number): void {
    if (!open) return;
    if (number > seen && worthSending(event))
      write(`id: ${number}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    if (event.type === 'ended') end();
  }

  function heartbeat(): void {
    if (!isLive()) return end();
    write(': still here\n\n');
    if (open) cancelHeartbeat = clock.at(clock.now() + heartbeatMs, heartbeat);
  }

  function write(text: string): void {
    response.write(text);
    if (response.writableLength <= maxWaitingBytes) return;
    close();
    response.destroy();
  }

  function end(): void {
    close();
    response.end();
  }

  function close(): void {
    if (!open) return;
    open = false;
    cancelHeartbeat();
    stopListening?.();
    onClose();
  }
}

const PARTIALS_APART_MS = 500;

/**
 * A model that writes down while it listens sends a caller's line fifteen times, each a word longer. Of those that are not
 * final, one is let through every so often; the final one always.
 */
function partialsApart(apartMs: number): (event: CallEvent) => boolean {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (event) => {
    if (event.type !== 'caller-said' || event.final) return true;
    if (event.atMs - lastMs < apartMs) return false;
    lastMs = event.atMs;
    return true;
  };
}

function lastEventId(header: string | string[] | undefined): number {
  if (header === undefined || header === '') return 0;
  const id = Number(header);
  if (Number.isSafeInteger(id) && id >= 0) return id;
  throw new Problem('event-id-invalid', 'Last-Event-ID must be the id of an event of this call, a whole number');
}
