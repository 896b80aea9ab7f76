import { connect } from 'node:net';
import type { CommandLine } from '../../test/harness/agents.ts';
import { freePort } from '../../test/harness/ports.ts';
import { Running } from '../../test/harness/processes.ts';
import type { Benchmark } from './figures.ts';

const runs = 11;

/** From the start of the process until its RPC port answers a handshake. */
export const start: Benchmark = async ({ serf, tserf }) => {
  const times = { serf: [] as number[], tserf: [] as number[] };
  await startToReady(tserf);
  for (let run = 0; run < runs; run += 1) {
    times.serf.push(await startToReady(serf));
    times.tserf.push(await startToReady(tserf));
  }
  return [{ what: 'start to RPC ready', unit: 'ms', ...times }];
};

async function startToReady(line: CommandLine): Promise<number> {
  const rpcPort = await freePort();
  const bind = `127.0.0.1:${await freePort()}`;
  const from = performance.now();
  const agent = new Running(line.command, [
    ...line.before,
    'agent',
    '-node=bench',
    `-bind=${bind}`,
    `-rpc-addr=127.0.0.1:${rpcPort}`,
  ]);
  while (!(await answers(rpcPort))) {
    if (!agent.alive) throw new Error(`${agent.command} ended:\n${agent.stdout}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const took = performance.now() - from;
  await agent.kill();
  return took;
}

const handshake = Buffer.from(
  '82a7436f6d6d616e64a968616e647368616b65a35365710181a756657273696f6e01',
  'hex',
);

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(handshake));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
