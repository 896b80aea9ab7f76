import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Resolver } from '../../src/net/resolver.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = (): Promise<never> => new Promise(() => undefined);
const unused = () => Promise.reject(new Error('not asked for'));

test('a literal needs no lookup', async () => {
  const resolver = new Resolver({ system: unused, nameServer: unused });

  expect(await resolver.addressesOf('::ffff:10.0.0.1')).toEqual(['10.0.0.1']);
});

test('what cannot be a name is not looked up', async () => {
  const system = vi.fn(unused);
  const resolver = new Resolver({ system, nameServer: unused });

  await expect(resolver.addressesOf('')).rejects.toThrow('lookup : no such host');
  await expect(resolver.addressesOf('a b')).rejects.toThrow('lookup a b: no such host');
  expect(system).not.toHaveBeenCalled();
});

test('all addresses count, each once', async () => {
  const system = () => Promise.resolve(['10.0.0.2', 'FD00::1', '10.0.0.2', '::ffff:10.0.0.2']);
  const resolver = new Resolver({ system, nameServer: unused });

  expect(await resolver.addressesOf('seed')).toEqual(['10.0.0.2', 'fd00::1']);
});

test('a name that is asked for twice is looked up once', async () => {
  const system = vi.fn(() => Promise.resolve(['10.0.0.2']));
  const resolver = new Resolver({ system, nameServer: unused });

  const both = await Promise.all([resolver.addressesOf('seed'), resolver.addressesOf('seed')]);

  expect(both).toEqual([['10.0.0.2'], ['10.0.0.2']]);
  expect(system).toHaveBeenCalledTimes(1);
});

test('a dead name ends by its deadline, and takes no second slot while the first is stuck', async () => {
  const system = vi.fn(never);
  const resolver = new Resolver({ system, nameServer: () => Promise.resolve([]) });

  for (let attempt = 0; attempt < 3; attempt += 1) {
    const found = expect(resolver.addressesOf('dead')).rejects.toThrow('lookup dead: i/o timeout');
    await vi.advanceTimersByTimeAsync(5_000);
    await found;
  }

  expect(system).toHaveBeenCalledTimes(1);
});

test('a name server helps when the system’s lookup is stuck behind dead names', async () => {
  const resolver = new Resolver({ system: never, nameServer: async () => ['10.0.0.9'] });

  const found = resolver.addressesOf('good.example');
  await vi.advanceTimersByTimeAsync(500);

  expect(await found).toEqual(['10.0.0.9']);
});

test('a name server that fails does not overrule the system', async () => {
  let answer: (addresses: readonly string[]) => void = () => undefined;
  const system = () => new Promise<readonly string[]>((resolve) => (answer = resolve));
  const resolver = new Resolver({ system, nameServer: unused });

  const found = resolver.addressesOf('hosts-file-only');
  await vi.advanceTimersByTimeAsync(1_000);
  answer(['127.0.0.7']);

  expect(await found).toEqual(['127.0.0.7']);
});

test('an unknown name and a broken name server are told apart', async () => {
  const failing = (code: string) => ({
    system: () => Promise.reject(Object.assign(new Error(code), { code })),
    nameServer: unused,
  });

  await expect(new Resolver(failing('ENOTFOUND')).addressesOf('a')).rejects.toThrow(
    'lookup a: no such host',
  );
  await expect(new Resolver(failing('EAI_AGAIN')).addressesOf('a')).rejects.toThrow(
    'lookup a: server misbehaving',
  );
});
