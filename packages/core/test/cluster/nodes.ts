import { expect, vi } from 'vitest';
import { Cluster } from '../../src/cluster/cluster.js';
import type { ClusterOptions } from '../../src/cluster/cluster-options.js';

// Real sockets, real threads: few, and only to see that the pieces are joined.

const started: Cluster[] = [];

/** For `afterEach`. */
export async function shutDownAll(): Promise<void> {
  await Promise.all(started.splice(0).map((cluster) => cluster.shutdown()));
}

export async function start(node: string, options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await Cluster.start({ node, bind: '127.0.0.1:0', profile: 'local', ...options });
  started.push(cluster);
  return cluster;
}

export const addressOf = ({ local: { endpoint } }: Cluster): string =>
  endpoint.host.includes(':')
    ? `[${endpoint.host}]:${endpoint.port}`
    : `${endpoint.host}:${endpoint.port}`;

export const statuses = (cluster: Cluster) =>
  Object.fromEntries(cluster.members.map(({ name, status }) => [name, status]));

export const soon = { timeout: 15_000, interval: 10 };

/** Three nodes, one of them with a thread, that know each other. */
export async function startThree(
  optionsOf: (name: string) => ClusterOptions = () => ({}),
): Promise<[Cluster, Cluster, Cluster]> {
  const a = await start('a', optionsOf('a'));
  const b = await start('b', { ...optionsOf('b'), join: [addressOf(a)], thread: false });
  const c = await start('c', { ...optionsOf('c'), join: [addressOf(b)], thread: false });
  await vi.waitFor(() => {
    for (const member of [a, b, c])
      expect(statuses(member)).toEqual({ a: 'alive', b: 'alive', c: 'alive' });
  }, soon);
  return [a, b, c];
}
