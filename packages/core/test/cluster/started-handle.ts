import { Cluster } from '../../src/cluster/cluster.js';
import { type FakeHost, hosts } from './fake-engine.js';

/** A handle and the fake engine that it runs on. */
export async function start(): Promise<{ cluster: Cluster; host: FakeHost }> {
  const cluster = await Cluster.start({ node: 'me' });
  const host = hosts[0];
  if (host === undefined) throw new Error('no engine was started');
  return { cluster, host };
}
