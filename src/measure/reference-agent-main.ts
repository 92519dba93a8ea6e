import { isAgentName } from './calibration/agents.js';
import { serveReferenceAgents } from './reference-agent.js';

// A program of its own: `node reference-agent-main.js [AGENT]`. AGENT is who answers calls that ask for nobody.
const [name] = process.argv.slice(2);
await serveReferenceAgents(isAgentName(name) ? name : 'precise');
