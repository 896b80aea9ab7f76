import { afterEach, expect, test, vi } from 'vitest';
import { Cluster } from '../../src/cluster/cluster.js';

const started: Cluster[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((cluster) => cluster.shutdown()));
});

async function start(node: string): Promise<Cluster> {
  const cluster = await Cluster.start({ node, bind: '127.0.0.1:0', profile: 'local' });
  started.push(cluster);
  return cluster;
}

const soon = { timeout: 15_000, interval: 10 };

// A thread from source takes a while to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

test('metrics have the names of Serf, and tell each value once', async () => {
  const [a, b] = await Promise.all([start('a'), start('b')]);
  const { host, port } = a.local.endpoint;
  await b.join([`${host}:${port}`]);
  await a.event('deploy', 'now');
  const counted = new Map<string, number>();
  const sampled = new Set<string>();
  const gauges = new Map<string, number>();
  const look = async () => {
    for (const metric of await a.metrics()) {
      const { name } = metric;
      if (metric.type === 'gauge') gauges.set(name, metric.value);
      else if (metric.type === 'sample') sampled.add(name);
      else counted.set(name, (counted.get(name) ?? 0) + metric.measured.count);
      if (metric.type === 'gauge') continue;
      expect(Math.abs(Date.now() - metric.measured.lastMs)).toBeLessThan(60_000);
    }
  };

  await vi.waitFor(async () => {
    await look();
    expect(gauges.get('memberlist.node.instances.alive')).toBe(2);
    expect([...sampled]).toEqual(
      expect.arrayContaining([
        'memberlist.gossip',
        'memberlist.probeNode',
        'memberlist.size.remote',
        'serf.msgs.received',
        'serf.msgs.sent',
        'serf.coordinate.adjustment-ms',
      ]),
    );
    expect(counted.get('memberlist.udp.received')).toBeGreaterThan(3);
  }, soon);

  expect(Object.fromEntries(counted)).toMatchObject({
    'serf.events': 1,
    'serf.events.deploy': 1,
    'serf.member.join': 2,
  });
  // A machine that is slow to answer a ping gives cause for more of these.
  for (const name of ['memberlist.msg.alive', 'memberlist.tcp.accept', 'memberlist.tcp.sent']) {
    expect(counted.get(name), name).toBeGreaterThanOrEqual(1);
  }
  expect(gauges.get('memberlist.health.score')).toBe(0);
  expect(gauges.get('memberlist.size.local')).toBeGreaterThan(100);
});
