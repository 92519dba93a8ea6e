import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Starts the agent as in production, except that its model is another one. Any program in any language would do. */
export async function startRelay(modelUrl: string) {
  const relay = spawn(process.execPath, ['relay.js'], {
    env: { PATH: process.env.PATH, PORT: '0', OPENAI_REALTIME_URL: modelUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(relay.stdout, 'data');
  return {
    url: String(line).trim().replace('listening on ', ''),
    async [Symbol.asyncDispose]() {
      relay.kill();
      await once(relay, 'exit');
    },
  };
}
