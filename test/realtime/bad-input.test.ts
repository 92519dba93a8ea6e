import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { runProgram } from '../helpers/program.js';

let folder: string;
/** A caller who says nothing and hangs up after a moment. */
let quick: string;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-bad-input-'));
  quick = join(folder, 'quick.yaml');
  await writeFile(quick, 'name: quick\nsteps:\n  - wait: 400ms\n  - hangup: true\n');
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listening(server: TcpServer | Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A WebSocket server that treats every stream in its own way. */
async function streaming(treat: (socket: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', treat);
  await new Promise((resolve) => server.once('listening', resolve));
  closers.push(async () => {
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/media-stream`;
}

/** Sends one frame of µ-law silence as soon as the stream has begun, then does `then`. */
function speakThen(then: (socket: WebSocket, streamSid: string) => void): (socket: WebSocket) => void {
  return (socket) => {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { event: string; streamSid?: string };
      if (message.event !== 'start' || !message.streamSid) return;
      const payload = Buffer.alloc(160, 0xff).toString('base64');
      socket.send(JSON.stringify({ event: 'media', streamSid: message.streamSid, media: { payload } }));
      then(socket, message.streamSid);
    });
  };
}

function call(url: string, ...more: string[]) {
  return runProgram(['simulate', quick, '--no-record', '--url', url, ...more], { cwd: folder });
}

/** The whole of stderr after the lines that tell of the call. */
function complaint(err: string): string {
  return err.slice(Math.max(0, err.indexOf('error: ')));
}

describe('an endpoint that does not take the call', () => {
  it('refuses', async () => {
    const server = createTcpServer();
    const port = await listening(server);
    await closers.pop()!();
    const { code, out, err } = await call(`ws://127.0.0.1:${port}/`);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(complaint(err)).toBe(
      `error: ws://127.0.0.1:${port}/ refused the connection\n` +
        'hint: is the server running, and on that port? voicebridge serve starts one\n',
    );
  });

  it('answers 404', async () => {
    const port = await listening(createHttpServer((_, response) => response.writeHead(404).end('not here')));
    const { code, err } = await call(`ws://127.0.0.1:${port}/nowhere`);
    expect(code).toBe(3);
    expect(complaint(err)).toBe(
      `error: ws://127.0.0.1:${port}/nowhere answered HTTP 404 instead of 101 Switching Protocols (Twilio error 31920)\n` +
        'hint: check the path: for voicebridge serve it is /media-stream\n',
    );
  });

  it('answers no WebSocket', async () => {
    const port = await listening(createTcpServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n')));
    const { code, err } = await call(`ws://127.0.0.1:${port}/`);
    expect(code).toBe(3);
    expect(complaint(err)).toMatch(
      /^error: ws:\S+ does not speak WebSocket: .+\nhint: point --url at the WebSocket endpoint of your server\n$/,
    );
  });

  it('never answers', async () => {
    const port = await listening(createTcpServer());
    const { code, err } = await call(`ws://127.0.0.1:${port}/`);
    expect(code).toBe(3);
    expect(complaint(err)).toBe(
      `error: ws://127.0.0.1:${port}/ did not answer the WebSocket handshake within 5000 ms\n` +
        'hint: check that the server accepts WebSocket upgrades on this path\n',
    );
  });

  it('closes at once', async () => {
    const url = await streaming((socket) => socket.close(1011));
    const { code, err } = await call(url);
    expect(code).toBe(3);
    expect(complaint(err)).toMatch(
      /^error: ws:\S+ closed the stream \d+ ms after it began \(code 1011\) and sent nothing\nhint: look at the server's own log: .+\n$/,
    );
  });
});

describe('an endpoint that takes the call and misbehaves', () => {
  it('sends nothing but garbage: the call goes on, every finding is told, exit code 1', async () => {
    const url = await streaming((socket) => {
      socket.send('this is not JSON');
      socket.send(Buffer.from([0, 1, 2, 255]));
      socket.send('{"event":"media"}');
      socket.send('[]');
      socket.send('{"event":"media","streamSid":"MZ00000000000000000000000000000000","media":{"payload":"!!!"}}');
    });
    const { code, out, err } = await call(url);
    expect(code).toBe(1);
    expect(err).toMatch(/lint +31950 message\/binary/);
    expect(out).toMatch(/^ {2}lint warning {2}31951 message\/not-json/m);
    expect(out).toMatch(
      /\nerror: the agent never sent any audio\nhint: its messages were not understood: the lint lines say why\n$/,
    );
  });

  it('sends the header of a WAV as audio: exit code 1', async () => {
    const url = await streaming(
      speakThen((socket, streamSid) => {
        const wav = Buffer.concat([Buffer.from('RIFF\xff\xff\xff\x7fWAVEfmt ', 'latin1'), Buffer.alloc(400)]);
        socket.send(JSON.stringify({ event: 'media', streamSid, media: { payload: wav.toString('base64') } }));
      }),
    );
    const { code, out } = await call(url);
    expect(code).toBe(1);
    expect(out).toMatch(/^ {2}lint error {4}media\/wav-header/m);
    expect(out).toMatch(/\nerror: the server made 1 mistake that callers would hear\nhint: .+\n$/);
  });

  it('never sends audio: exit code 1', async () => {
    const { code, out } = await call(await streaming(() => {}));
    expect(code).toBe(1);
    expect(out).toMatch(/\nerror: the agent never sent any audio\nhint: send media messages with the streamSid .+\n$/);
  });

  it('breaks the connection in the middle: exit code 3', async () => {
    const url = await streaming(speakThen((socket) => setTimeout(() => socket.terminate(), 150)));
    const { code, out } = await call(url);
    expect(code).toBe(3);
    expect(out).toMatch(/\nerror: the connection broke\nhint: look at the server's own log: .+\n$/);
  });

  it('hangs up politely: exit code 0', async () => {
    const url = await streaming(speakThen((socket) => setTimeout(() => socket.close(1000), 150)));
    const { code, out, err } = await call(url);
    expect(code).toBe(0);
    expect(out).toContain('the server closed the stream');
    expect(err).toContain('the server closed the stream (code 1000)');
  });
});

describe('what the user hands over', () => {
  it('is no audio', async () => {
    await writeFile(join(folder, 'song.wav'), Buffer.concat([Buffer.from('ID3\x04\0\0'), Buffer.alloc(5000, 0x55)]));
    const { code, out, err } = await runProgram(['simulate', 'song.wav'], { cwd: folder });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error: \S*song\.wav is not audio voicebridge can read: .+\nhint: convert it: ffmpeg .+\n$/);
  });

  it('is an empty folder', async () => {
    const { code, err } = await runProgram(['simulate', folder], { cwd: folder });
    expect(code).toBe(2);
    expect(err).toMatch(/^error: there is no file \S+call\.yaml\nhint: a call is a folder with a call\.yaml: .+\n$/);
  });

  it('is a script with a mistake, told with its line', async () => {
    await writeFile(join(folder, 'wrong.yaml'), 'name: wrong\nsteps:\n  - say: quick.wav\n  - jump: 3\n');
    const { code, err } = await runProgram(['simulate', 'wrong.yaml'], { cwd: folder });
    expect(code).toBe(2);
    expect(err).toMatch(/^error: \S*wrong\.yaml, line 4: .+\nhint: .+\n$/);
  });

  it('is a file that is not there, for a person and for a script', async () => {
    const { code, out, err } = await runProgram(['simulate', 'nobody.wav', '--json'], { cwd: folder });
    expect(code).toBe(2);
    expect(err).toMatch(/^error: there is no file nobody\.wav\nhint: .+samples\/caller\.wav\n$/);
    expect(JSON.parse(out).error).toMatchObject({ code: 'file-missing', exitCode: 2 });
  });

  it('is a folder that cannot be written to', async () => {
    await writeFile(join(folder, 'in-the-way'), '');
    const args = ['simulate', quick, '--out', 'in-the-way', '--url', await streaming(speakThen(() => {}))];
    const { code, err } = await runProgram(args, { cwd: folder });
    expect(code).toBe(2);
    expect(complaint(err)).toMatch(/^error: \S*in-the-way cannot be written: .+\nhint: .+\n$/);
  });

  it.each([
    [['simulate', 'quick.yaml', '--no-recrod'], "unknown option '--no-recrod' (did you mean --no-record?)"],
    [['simulate', 'quick.yaml', '--no-record', '--out', 'x'], '--no-record and --out cannot be used together'],
    [['simulate', 'quick.yaml', '--url', 'ftp://127.0.0.1/voice'], 'is neither a stream (ws://, wss://) nor a webhook'],
  ])('is a wrong command line: %j', async (args, sentence) => {
    const { code, out, err } = await runProgram(args, { cwd: folder });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(sentence);
    expect(err).toMatch(/^error: .+\nhint: .+\n$/);
  });
});

describe('a port in use', () => {
  it.each(['serve', 'model'])('%s says so and proposes another', async (command) => {
    const port = await listening(createTcpServer());
    const { code, out, err } = await runProgram([command, '--port', String(port)], { cwd: folder });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(complaint(err)).toBe(
      `error: port ${port} on 127.0.0.1 is already in use\n` +
        `hint: choose another: voicebridge ${command} --port ${port + 1}\n`,
    );
  });
});
