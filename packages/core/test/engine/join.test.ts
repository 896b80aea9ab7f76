import { expect, test } from 'vitest';
import { type JoinParts, joinAll } from '../../src/engine/join.js';
import { ConnectionError } from '../../src/net/connection.js';
import { AddressError } from '../../src/net/host-port.js';
import type { Endpoint } from '../../src/wire/endpoint.js';
import { settled } from './recorder-world.js';

/** Everybody is there, under its literal or under a made-up address. */
function parts(overrides: Partial<JoinParts> = {}): JoinParts & { lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    defaultPort: 7946,
    addressesOf: (host) => Promise.resolve([host]),
    pushPull: () => Promise.resolve(),
    log: ({ level, text }) => lines.push(`${level} ${text}`),
    ...overrides,
  };
}

const refuse = ({ host, port }: Endpoint) =>
  Promise.reject(new ConnectionError(`dial tcp ${host}:${port}: connect: connection refused`));

test('every address is contacted, also after a success, with this node’s port where none is given', async () => {
  const contacted: string[] = [];
  const pushPull = async ({ host, port }: Endpoint) => {
    contacted.push(`${host} ${port}`);
  };

  const result = await joinAll(['10.0.0.1', '10.0.0.2:5', 'n/10.0.0.3'], parts({ pushPull }));

  expect(result).toEqual({ contacted: 3, errors: [] });
  expect(contacted).toEqual(['10.0.0.1 7946', '10.0.0.2 5', '10.0.0.3 7946']);
});

test('a name counts once for each of its addresses', async () => {
  const addressesOf = () => Promise.resolve(['10.0.0.1', 'fd00::1']);
  const pushPull = (to: Endpoint) => (to.host === 'fd00::1' ? refuse(to) : Promise.resolve());

  const result = await joinAll(['seed'], parts({ addressesOf, pushPull }));

  expect(result).toEqual({
    contacted: 1,
    errors: ['failed to join [fd00::1]:7946: dial tcp fd00::1:7946: connect: connection refused'],
  });
});

test('errors keep the order of the list, whoever is faster', async () => {
  const slow: (() => void)[] = [];
  const pushPull = async (to: Endpoint) => {
    if (to.port === 1) await new Promise<void>((resolve) => slow.push(resolve));
    return refuse(to);
  };
  const joined = parts({ pushPull });

  const joining = joinAll(['10.0.0.1:1', '[::1', '10.0.0.2:2'], joined);
  await settled();
  for (const go of slow) go();

  expect((await joining).errors).toEqual([
    'failed to join 10.0.0.1:1: dial tcp 10.0.0.1:1: connect: connection refused',
    "failed to resolve [::1: address [::1: missing ']' in address",
    'failed to join 10.0.0.2:2: dial tcp 10.0.0.2:2: connect: connection refused',
  ]);
  expect(joined.lines[0]).toBe(
    "WARN memberlist: failed to resolve [::1: address [::1: missing ']' in address",
  );
});

test('dead names hold up no good address', async () => {
  const contacted: string[] = [];
  const addressesOf = (host: string) =>
    host.startsWith('dead') ? new Promise<never>(() => undefined) : Promise.resolve([host]);
  const pushPull = async ({ host }: Endpoint) => {
    contacted.push(host);
  };
  const names = Array.from({ length: 50 }, (_, index) => `dead${index}`);

  void joinAll([...names, '10.0.0.1'], parts({ addressesOf, pushPull }));
  await settled();

  expect(contacted).toEqual(['10.0.0.1']);
});

test('a name that nobody knows says so in Serf’s words', async () => {
  const addressesOf = (host: string) =>
    Promise.reject(new AddressError(`lookup ${host}: no such host`));

  const { errors } = await joinAll(['nohost'], parts({ addressesOf }));

  expect(errors).toEqual(['failed to resolve nohost: lookup nohost: no such host']);
});

test('a long list is contacted a few at a time', async () => {
  let open = 0;
  let most = 0;
  const pushPull = async () => {
    open += 1;
    most = Math.max(most, open);
    await settled();
    open -= 1;
  };
  const addresses = Array.from({ length: 40 }, (_, index) => `10.0.0.${index}`);

  const { contacted } = await joinAll(addresses, parts({ pushPull }));

  expect(contacted).toBe(40);
  expect(most).toBe(8);
});

test('an empty list is joined at once', async () => {
  expect(await joinAll([], parts())).toEqual({ contacted: 0, errors: [] });
});

test('a bug is not an address that failed', async () => {
  const pushPull = () => Promise.reject(new TypeError('a bug'));

  await expect(joinAll(['10.0.0.1'], parts({ pushPull }))).rejects.toThrow('a bug');
});
