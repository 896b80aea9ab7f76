import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Discovery, type DiscoveryParts } from '../../src/discovery/discovery.js';
import { queryFor, readFoundHosts } from '../../src/discovery/message.js';
import { eventually } from '../running.js';

vi.setConfig({ testTimeout: 60_000 });

const running: Discovery[] = [];
afterEach(() => {
  for (const discovery of running.splice(0)) discovery.stop();
});

/** An agent that joins nobody really, on the loopback interface. */
class Participant {
  readonly joined: string[] = [];
  readonly logged: string[] = [];
  readonly alive: { host: string; port: number }[] = [];
  refuses = false;
  discovery: Discovery | undefined;
  readonly #self: { host: string; port: number };
  readonly #cluster: string;

  constructor(cluster: string, port: number) {
    this.#cluster = cluster;
    this.#self = { host: '127.0.0.1', port };
    this.alive.push(this.#self);
  }

  async start(more: Partial<DiscoveryParts['config']> = {}): Promise<void> {
    this.discovery = await Discovery.start({
      config: {
        discover: this.#cluster,
        node: `node-${this.#self.port}`,
        bind: { host: '127.0.0.1', port: 0 },
        mdns: { interface: undefined, disableIPv4: false, disableIPv6: false },
        replayOnJoin: false,
        ...more,
      },
      self: this.#self,
      alive: () => this.alive,
      join: async (addresses) => {
        if (this.refuses) throw new Error('nobody answers');
        this.joined.push(...addresses);
        for (const address of addresses) {
          this.alive.push({ host: '127.0.0.1', port: Number(address.split(':')[1]) });
        }
        return addresses.length;
      },
      log: (level, text) => this.logged.push(`${level} ${text}`),
    });
    running.push(this.discovery);
  }
}

/** Nobody else on this machine has a cluster of this name. */
const newCluster = (): string => `test-${randomUUID()}`;

describe('discovery on the loopback interface', () => {
  test('finds those who were there before, and neither joins itself nor anybody twice', async () => {
    const cluster = newCluster();
    const [first, second, stranger] = [
      new Participant(cluster, 1_001),
      new Participant(cluster, 1_002),
      new Participant(newCluster(), 1_003),
    ];
    await first.start();
    await stranger.start();

    await second.start();
    await eventually(() => second.joined.length > 0);

    expect(second.joined).toEqual(['127.0.0.1:1001']);
    expect(second.logged).toContain('INFO agent: Starting mDNS listener on interface lo');
    await eventually(() => second.logged.includes('INFO agent.mdns: Joined 1 hosts'));
    expect(stranger.joined).toEqual([]);
    expect(first.joined).toEqual([]);
  });

  test('says so when a host that it found cannot be joined', async () => {
    const cluster = newCluster();
    const [first, second] = [new Participant(cluster, 1_001), new Participant(cluster, 1_002)];
    await first.start();
    second.refuses = true;

    await second.start();

    await eventually(() =>
      second.logged.includes('ERR agent.mdns: Failed to join: nobody answers'),
    );
  });

  test('answers though it may ask over neither family, and says that once', async () => {
    const cluster = newCluster();
    const [mute, asking] = [new Participant(cluster, 1_001), new Participant(cluster, 1_002)];
    await mute.start({ mdns: { interface: undefined, disableIPv4: true, disableIPv6: true } });

    await asking.start();
    await eventually(() => asking.joined.length > 0);

    expect(mute.logged.filter((line) => line.startsWith('ERR'))).toEqual([
      'ERR agent.mdns: Failed to poll for new hosts: Must enable at least one of IPv4 and IPv6 querying',
    ]);
    expect(mute.joined).toEqual([]);
  });

  test('goes on after garbage, and is silent after its end', async () => {
    const cluster = newCluster();
    const participant = new Participant(cluster, 1_001);
    await participant.start();
    const asker = await loopbackSocket();
    const found: number[] = [];
    asker.on('message', (bytes) => {
      found.push(...readFoundHosts(bytes, `_serf_${cluster}._tcp.local`).map(({ port }) => port));
    });
    const ask = (bytes: Buffer) => asker.send(bytes, 5_353, '224.0.0.251');

    for (let length = 0; length < 200; length += 1) ask(Buffer.alloc(length, length));
    ask(Buffer.alloc(9_500));
    await eventually(() => {
      ask(queryFor(`_serf_${cluster}._tcp.local`));
      return found.length > 0;
    });
    participant.discovery?.stop();
    participant.discovery?.stop();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = found.length;
    ask(queryFor(`_serf_${cluster}._tcp.local`));
    await new Promise((resolve) => setTimeout(resolve, 300));

    expect(found.length).toBe(before);
    expect(new Set(found)).toEqual(new Set([1_001]));
    asker.close();
  });

  test('does not start for a cluster whose name fits into no DNS name', async () => {
    await expect(new Participant('c'.repeat(100), 1_001).start()).rejects.toThrow(
      /does not fit into a DNS name/,
    );
  });

  test('does not start on an interface that is not there', async () => {
    const participant = new Participant(newCluster(), 1_001);

    await expect(
      participant.start({
        mdns: { interface: 'nosuch0', disableIPv4: false, disableIPv6: false },
      }),
    ).rejects.toThrow(/interface nosuch0 has no IPv4 address/);
  });
});

function loopbackSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.bind(0, () => {
      socket.setMulticastInterface('127.0.0.1');
      resolve(socket);
    });
  });
}
