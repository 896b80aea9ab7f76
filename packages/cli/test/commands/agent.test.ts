import { expect, test, vi } from 'vitest';
import { run } from '../support/terminal.js';

const runAgent = vi.hoisted(() => vi.fn(async (_call: { readonly flags: unknown }) => 7));
vi.mock('@tserf/agent', () => ({ runAgent }));

async function flagsOf(...args: string[]): Promise<unknown> {
  runAgent.mockClear();
  const { code } = await run(['agent', ...args]);
  expect(code).toBe(7);
  return runAgent.mock.calls[0]?.[0].flags;
}

test('every flag is handed to the agent under its name, as it was written', async () => {
  const flags = await flagsOf(
    ...['-node=web-1', '-bind', '127.0.0.1:1', '-advertise=10.0.0.1', '-iface=eth0'],
    ...['-rpc-addr=127.0.0.1:2', '-rpc-auth=t', '-join=a', '--join', 'b', '-retry-join=c'],
    ...['-retry-interval=5', '-retry-max=0x10', '-replay', '-tag', 'a=b', '-tag=c=', '-role=r'],
    ...['-encrypt=k', '-keyring-file=f', '-profile=wan', '-log-level=debug', '-protocol=4'],
    ...['-disable-compression=false', '-broadcast-timeout=9s', '-tags-file=t', '-snapshot=s'],
    ...['-event-handler=user=x', '-event-handler', 'y', '-rejoin', '-discover=d', '-syslog'],
    ...['-mdns-iface=lo', '-mdns-disable-ipv4', '-mdns-disable-ipv6=false'],
  );

  expect(flags).toEqual({
    node: 'web-1',
    bind: '127.0.0.1:1',
    advertise: '10.0.0.1',
    iface: 'eth0',
    rpcAddr: '127.0.0.1:2',
    rpcAuth: 't',
    join: ['a', 'b'],
    retryJoin: ['c'],
    retryInterval: '5',
    retryMax: 16,
    replay: true,
    tag: ['a=b', 'c='],
    role: 'r',
    encrypt: 'k',
    keyringFile: 'f',
    profile: 'wan',
    logLevel: 'debug',
    protocol: 4,
    configPaths: [],
    disableCompression: false,
    broadcastTimeout: '9s',
    tagsFile: 't',
    eventHandler: ['user=x', 'y'],
    snapshot: 's',
    rejoin: true,
    discover: 'd',
    mdnsIface: 'lo',
    mdnsDisableIPv4: true,
    mdnsDisableIPv6: false,
    syslog: true,
  });
});

test('a flag that is not given is absent', async () => {
  const flags = await flagsOf('-node=a', 'stray', '-bind=ignored');

  expect(JSON.parse(JSON.stringify(flags))).toEqual({
    node: 'a',
    join: [],
    retryJoin: [],
    tag: [],
    configPaths: [],
    eventHandler: [],
  });
});

test('files and directories are one list, in the order of the command line', async () => {
  const flags = await flagsOf('-config-file=a', '-config-dir', 'b', '-node=x', '--config-file=c');

  expect(flags).toMatchObject({ configPaths: ['a', 'b', 'c'] });
});

test.each([
  [['-nope'], 'flag provided but not defined: -nope'],
  [['-bind'], 'flag needs an argument: -bind'],
  [['-replay=yes'], 'invalid boolean value "yes" for -replay: parse error'],
  [['-protocol=x'], 'invalid value "x" for flag -protocol: parse error'],
])(
  '%j is refused on stderr, and the help on stdout has the prefix of all output',
  async (args, line) => {
    const result = await run(['agent', ...args]);

    expect(result).toMatchObject({ code: 1, stderr: `${line}\n` });
    expect(result.stdout.startsWith('==> Usage: tserf agent [options]\n')).toBe(true);
  },
);
