import { createSocket } from 'node:dgram';
import { hostname } from 'node:os';
import { Client } from '@tserf/client';
import { expect, test, vi } from 'vitest';
import { Agent } from '../../src/agent.js';
import { eventually } from '../running.js';
import { serfMetrics, unknownToNode } from './serf-metrics.js';

vi.setConfig({ testTimeout: 60_000 });

/** Receives what agents send, as `name type`, without service and machine; the engine's part is left out. */
async function listen() {
  const names = new Set<string>();
  const socket = createSocket('udp4');
  socket.on('message', (bytes) => {
    for (const line of bytes.toString().trimEnd().split('\n')) {
      const [name = '', value = ''] = line.replace(`.${hostname()}.`, '.').split(':');
      const own = name.replace('serf-agent.', '').replace(/^(agent\.invoke\.).*/, '$1<command>');
      if (!/^(serf|memberlist)\./.test(own)) names.add(`${own} ${value.split('|')[1]}`);
    }
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { names, address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() };
}

test('every metric of the agent has the name and the kind that Serf gives it', async () => {
  const wanted = Object.entries(serfMetrics).flatMap(([kind, names]) =>
    names.filter((name) => !unknownToNode.includes(name)).map((name) => `${name} ${kind}`),
  );
  const server = await listen();
  const agent = await Agent.start({
    node: 'a',
    bind: { host: '127.0.0.1', port: 0 },
    rpcAddr: '127.0.0.1:0',
    profile: 'local',
    statsdAddr: server.address,
    eventHandlers: ['user=true'],
  });
  try {
    await using client = await Client.connect({ address: `127.0.0.1:${agent.rpcAddress.port}` });
    await client.event('deploy');

    await eventually(() => {
      // Something to collect, so that the collector's pauses are told too.
      Array.from({ length: 100_000 }, () => ({}));
      return wanted.every((name) => server.names.has(name));
    });
    expect([...server.names].sort()).toEqual(wanted.sort());
  } finally {
    await agent.shutdown();
    server.close();
  }
});
