import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Metrics, type MetricsParts } from '../../src/metrics/metrics.js';
import { eventually } from '../running.js';

vi.setConfig({ testTimeout: 60_000 });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Server {
  readonly address: string;
  received: string;
}

function statsd(): Promise<Server> {
  const socket = createSocket('udp4');
  const server = { address: '', received: '' };
  socket.on('message', (bytes) => {
    expect(bytes.length).toBeLessThanOrEqual(1_400);
    server.received += bytes.toString();
  });
  cleanups.push(() => socket.close());
  return new Promise((resolve) => {
    socket.bind(0, '127.0.0.1', () => {
      server.address = `127.0.0.1:${socket.address().port}`;
      resolve(server);
    });
  });
}

async function statsite(port = 0): Promise<Server & { stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (text: string) => (server.received += text));
  });
  await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  const at = listener.address();
  const server = {
    address: `127.0.0.1:${typeof at === 'object' ? at?.port : ''}`,
    received: '',
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
  cleanups.push(() => server.stop());
  return server;
}

function start(config: Partial<MetricsParts['config']>, said: string[] = []): Metrics {
  const metrics = new Metrics({
    config: { statsdAddr: undefined, statsiteAddr: undefined, ...config },
    take: async () => [{ type: 'gauge', name: 'memberlist.health.score', value: 0 }],
    log: (level, text) => said.push(`${level} ${text}`),
  });
  cleanups.push(() => metrics.stop());
  return metrics;
}

describe('metrics', () => {
  test('go to both servers; gauges name the machine, and handlers their command', async () => {
    const [udp, tcp] = [await statsd(), await statsite()];
    const metrics = start({ statsdAddr: udp.address, statsiteAddr: tcp.address });

    await eventually(() => {
      metrics.count('agent.ipc.accept');
      metrics.sample('agent.invoke.true a:b c.d', 12.5);
      return [udp, tcp].every(({ received }) => received.includes('true_a_b_c.d:12.500000|ms\n'));
    });

    for (const { received } of [udp, tcp]) {
      expect(received).toMatch(/^serf-agent\.agent\.ipc\.accept:\d+\.000000\|c$/m);
      expect(received).toContain(`serf-agent.${hostname()}.memberlist.health.score:0.000000|g\n`);
      expect(received).toMatch(/\.runtime\.alloc_bytes:\d+\.000000\|g$/m);
    }
  });

  test('a server that goes is told of once, and found again', async () => {
    const said: string[] = [];
    const first = await statsite();
    const metrics = start({ statsiteAddr: first.address }, said);
    const sendsTo = (server: Server) =>
      eventually(() => {
        metrics.count('x');
        return server.received.includes('serf-agent.x:');
      });
    await sendsTo(first);

    await first.stop();
    await eventually(() => said.length > 0);
    await sendsTo(await statsite(Number(first.address.split(':')[1])));

    expect(said).toEqual([
      expect.stringMatching(
        /^WARN agent: Failed to send metrics to statsite at 127\.0\.0\.1:\d+: /,
      ),
    ]);
  });

  test.each(['nonsense', '127.0.0.1:0', '127.0.0.1:http', 'no.such.host.invalid:1'])(
    'an address such as %s stops nothing and is told of',
    async (address) => {
      const said: string[] = [];

      start({ statsdAddr: address, statsiteAddr: address }, said);
      await eventually(() => said.length === 2);

      expect(said.every((line) => line.includes(` at ${address}: `))).toBe(true);
    },
  );

  test('without a server nothing is sent, and the operator gets what was before the last turn', () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 23, 12, 46, 3) });
    cleanups.push(() => vi.useRealTimers());
    const metrics = start({});
    metrics.count('agent.ipc.accept');

    expect(metrics.dump()).toBe('');
    return vi.advanceTimersByTimeAsync(8_000).then(() => {
      expect(metrics.dump()).toMatch(
        /\[C\] 'serf-agent\.agent\.ipc\.accept': Count: 1 Sum: 1\.000/,
      );
      expect(metrics.dump()).toContain("[G] 'serf-agent.memberlist.health.score': 0.000");
    });
  });

  test('an engine that is no more is no reason to fail', async () => {
    const udp = await statsd();
    const metrics = new Metrics({
      config: { statsdAddr: udp.address, statsiteAddr: undefined },
      take: () => Promise.reject(new Error('the node is shut down')),
      log: () => {},
    });
    metrics.count('x');

    await new Promise((resolve) => setTimeout(resolve, 1_200));
    metrics.stop();
    metrics.stop();

    expect(udp.received).toBe('');
  });
});
