import type { Io } from '../io.js';
import { HOST, type PortRows } from './ports.js';
import type { ScreenHints } from './screen-text.js';

const DEFAULT_RPC_PORT = 7373;

/** What to try on a cluster of `count` agents on these ports, as lines to copy into another terminal. */
export function devHints(count: number, ports: PortRows, env: Io['env']): ScreenHints {
  // Started from the repository, the program is not on the path.
  const program = env['npm_lifecycle_event'] === undefined ? 'tserf' : 'npx tserf';
  const rpcAddr = (index: number) => {
    const port = ports.rpc + index;
    return port === DEFAULT_RPC_PORT ? '' : ` -rpc-addr=${HOST}:${port}`;
  };
  const last = count - 1;
  const own = `-bind=${HOST}:${ports.gossip + count} -rpc-addr=${HOST}:${ports.rpc + count}`;
  return {
    commands: [
      [`${program} members${rpcAddr(0)}`, 'who is there'],
      [`${program} members -tag role=web${rpcAddr(0)}`, 'the web servers among them'],
      [
        `${program} monitor${rpcAddr(Math.min(1, last))}`,
        `log and events of ${nameOf(Math.min(1, last))}`,
      ],
      [`${program} event${rpcAddr(0)} hello world`, 'an event for all of them'],
      [`${program} leave${rpcAddr(last)}`, `${nameOf(last)} leaves`],
      [`${program} agent -node=mine ${own} -join=${HOST}:${ports.gossip}`, 'one more'],
    ],
    keys: `Keys: ${count > 1 ? `1-${count}` : '1'} crash or start an agent · q or Ctrl-C end`,
  };
}

function nameOf(index: number): string {
  return `dev-${index + 1}`;
}
