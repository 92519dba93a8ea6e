import { serveReferenceAgent } from './reference-agent.js';

// A program of its own: `node reference-agent-main.js [--never-stops]`.
await serveReferenceAgent({ stops: !process.argv.includes('--never-stops') });
