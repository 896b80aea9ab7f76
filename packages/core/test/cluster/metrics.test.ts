import { afterEach, expect, test, vi } from 'vitest';
import { Cluster } from '../../src/cluster/cluster.js';
import type { ClusterOptions } from '../../src/cluster/cluster-options.js';

const started: Cluster[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((cluster) => cluster.shutdown()));
});

async function start(node: string, swim: ClusterOptions['swim'] = {}): Promise<Cluster> {
  const cluster = await Cluster.start({ node, bind: '127.0.0.1:0', profile: 'local', swim });
  started.push(cluster);
  return cluster;
}

const soon = { timeout: 15_000, interval: 10 };

// A thread from source takes a while to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Asks for the metrics, and adds up what they have told. */
function collector(cluster: Cluster) {
  const counted = new Map<string, number>();
  const sampled = new Set<string>();
  const gauges = new Map<string, number>();
  const look = async () => {
    for (const metric of await cluster.metrics()) {
      const { name } = metric;
      if (metric.type === 'gauge') gauges.set(name, metric.value);
      else if (metric.type === 'sample') sampled.add(name);
      else counted.set(name, (counted.get(name) ?? 0) + metric.measured.count);
      if (metric.type === 'gauge') continue;
      expect(Math.abs(Date.now() - metric.measured.lastMs)).toBeLessThan(60_000);
    }
  };
  return { counted, sampled, gauges, look };
}

test('a node that lives among others measures what Serf does', async () => {
  const [a, b] = await Promise.all([start('a'), start('b')]);
  const { host, port } = a.local.endpoint;
  await b.join([`${host}:${port}`]);
  const { counted, sampled, gauges, look } = collector(a);

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

  expect(gauges.get('memberlist.health.score')).toBe(0);
  expect(gauges.get('memberlist.size.local')).toBeGreaterThan(100);
});

test('each thing that happens is counted once', async () => {
  // A probe that a slow machine answers late would be repeated by stream, and lead to another word of who is alive.
  const quiet = { probeIntervalMs: 0, pushPullIntervalMs: 0 };
  const [a, b] = await Promise.all([start('a', quiet), start('b', quiet)]);
  const { host, port } = a.local.endpoint;
  const { counted, look } = collector(a);

  await b.join([`${host}:${port}`]);
  await a.event('deploy', 'now');

  await vi.waitFor(async () => {
    await look();
    expect(a.member('b')?.status).toBe('alive');
    expect(counted.get('serf.events.deploy')).toBe(1);
    expect(counted.get('memberlist.tcp.sent')).toBe(1);
  }, soon);
  // Gossip says all that it has to say several times.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await look();

  expect(Object.fromEntries(counted)).toMatchObject({
    'serf.events': 1,
    'serf.events.deploy': 1,
    'serf.member.join': 2,
    'memberlist.msg.alive': 2,
    'memberlist.tcp.accept': 1,
    'memberlist.tcp.sent': 1,
  });
});
