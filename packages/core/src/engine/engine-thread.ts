import { parentPort } from 'node:worker_threads';
import type { EngineCommand } from './protocol.js';
import { EngineServer } from './serve.js';

// The engine's thread: connects the port to a server, which does the rest.
const port = parentPort;
if (port === null) throw new Error('engine.worker.js runs in a worker thread only');

const server = new EngineServer({
  post: (batch) => port.postMessage(batch),
  close: () => port.close(),
});
port.on('message', (commands: readonly EngineCommand[]) => server.receive(commands));
