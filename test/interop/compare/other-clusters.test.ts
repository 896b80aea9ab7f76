import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, call, tserf } from '../../harness/agents.ts';
import { eventually } from '../../harness/eventually.ts';
import { endAll } from '../../harness/processes.ts';
import type { Case } from './cases.ts';
import {
  end,
  eventBlocks,
  expectSame,
  interrupt,
  kinds,
  serf,
  startMonitor,
  titled,
} from './same-output.ts';
import { keys, type Pair, startPair } from './stage.ts';

/* The comparison goes on, on clusters of other shapes: over IPv6, with a member on another keyring, at an agent's end. */

const quick = ['-profile=local'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tserf-clusters-'));
});
afterAll(async () => {
  await endAll();
  rmSync(folder, { recursive: true });
});

function until(agent: Agent, statuses: Readonly<Record<string, string>>): Promise<void> {
  return eventually(async () => expect(await agent.statuses()).toEqual(statuses), {
    withinMs: 30_000,
    everyMs: 200,
  });
}

describe('two members over IPv6', () => {
  const twoAlive = { 'six-1': 'alive', 'six-2': 'alive' };
  let pair: Pair;
  beforeAll(async () => {
    const answers = [...quick, '-event-handler=query:cr=printf "a\\r\\n b \\r\\n"'];
    // An agent of ours tells of itself first: so all is sorted by itself, where it is not random.
    const [ours, theirs] = await Promise.all([
      Agent.start(tserf, { node: 'six-1', host: '[::1]', flags: answers }),
      Agent.start(serf, { node: 'six-2', host: '[::1]', tags: { role: 'web ' }, flags: answers }),
    ]);
    await ours.join(theirs);
    pair = { serf: theirs, tserf: ours };
    await Promise.all([until(theirs, twoAlive), until(ours, twoAlive)]);
  });

  /** To the byte, blanks at the ends of lines and the last line's end too; the order of answers is hit upon. */
  const cases: readonly Case[] = [
    ...[
      ['members', '-name=six-2'],
      ['members', '-name=six-1', '-detailed'],
      ['query', '-timeout=500ms', 'nothing'],
      ['query', '-timeout=1s', '-no-ack', '-node=six-2', 'cr'],
      ['query', '-timeout=1s', '-no-ack', '-node=six-1', 'cr'],
      ['query', '-timeout=1s', '-no-ack', 'cr'],
      ['reachability'],
    ].map((args): Case => ({ args, isLive: true })),
    ...[
      ['info'],
      ['info', '-format=json'],
      ['rtt', 'six-2', 'six-1'],
      ['reachability', '-verbose'],
    ].map((args): Case => ({ args, form: 'digits', isLive: true })),
    ...[
      ['join', '[::1]:1'],
      ['join', '[::1]:99999'],
      ['join', '[::1'],
      ['event', 'six', ' \r\n'],
      ['force-leave', 'nobody'],
    ].map((args): Case => ({ args })),
  ];
  /** An agent of Serf's lists members in random order, some of it seldom; what its command line gathers is so too. */
  const listsOf = (kind: 'serf' | 'tserf'): readonly Case[] => [
    { args: ['members'], form: kind === 'serf' ? 'lines' : 'exact' },
    { args: ['members', '-detailed'], form: kind === 'serf' ? 'lines' : 'exact' },
    { args: ['members', '-format=json'], form: kind === 'serf' ? 'json' : 'exact' },
    { args: ['keys', '-list'], form: 'lines' },
  ];
  describe.each(kinds)('by an agent of %s', (kind) => {
    test.concurrent.each([...listsOf(kind), ...cases].map(titled))('%s', async (_title, one) => {
      await expectSame(one, pair[kind]);
    });

    test('monitor: a member joins', async () => {
      const monitors = await Promise.all(
        [serf, tserf].map((line) => startMonitor(line, pair[kind])),
      );
      const third = await Agent.start(serf, { node: `third-${kind}`, host: '[::1]', flags: quick });
      await third.join(pair[kind]);
      await Promise.all(monitors.map((monitor) => monitor.printed(new RegExp(third.node))));
      const ends = await Promise.all(monitors.map((monitor) => interrupt(monitor)));
      await third.leave();
      await until(pair[kind], { ...twoAlive, [third.node]: 'left' });
      await call(serf, 'force-leave', `-rpc-addr=${pair[kind].rpc}`, '-prune', third.node);
      await Promise.all(kinds.map((each) => until(pair[each], twoAlive)));

      const joins = ends.map(({ code, stdout }) => ({
        code,
        joins: eventBlocks(stdout).filter((block) => block.includes(third.node)),
      }));
      expect(joins[0]?.joins).toHaveLength(1);
      expect(joins[1]).toEqual(joins[0]);
    });
  });
});

describe.each(kinds)('a member on another keyring, by an agent of %s', (kind) => {
  const own = 'cw9HkMNnyrBEjJwYqmIt6w==';
  const keyring = (node: string, ...held: readonly string[]) => {
    const file = join(folder, `${node}-${kind}`, 'keyring');
    mkdirSync(join(folder, `${node}-${kind}`));
    writeFileSync(file, JSON.stringify(held));
    return { node, flags: [...quick, `-keyring-file=${file}`] };
  };
  let agent: Agent;
  beforeAll(async () => {
    const [asked, second, third] = await Promise.all([
      Agent.start(kind === 'serf' ? serf : tserf, keyring('one', keys.first)),
      Agent.start(serf, keyring('two', keys.first, keys.second)),
      Agent.start(serf, keyring('three', keys.first, keys.second, own)),
    ]);
    agent = asked;
    for (const other of [second, third]) await other.join(asked);
    await until(asked, { one: 'alive', two: 'alive', three: 'alive' });
    // From now on it can write none: each change fails there, and there alone.
    rmSync(join(folder, `three-${kind}`), { recursive: true });
  });

  test.each<[string, readonly string[], RegExp]>([
    ['each key is counted', ['-list'], /== +\[1\/3\]$/m],
    ['install', ['-install', keys.absent.replace(/^./, 'e')], /\n\nError .*: 1\/3 nodes reported/],
    ['remove', ['-remove', keys.absent.replace(/^./, 'e')], /failed: {2}three {2}.*\n\nError/],
    ['use the one in use', ['-use', keys.first], /1\/3 nodes reported failure\n$/],
    ['use a key of one member', ['-use', own], /failed: {2}one .*\nfailed: {2}two .*\n\n.*: 2\/3/],
  ])('keys: %s', async (_title, args, expected) => {
    const [theirs, ours] = [
      await call(serf, 'keys', `-rpc-addr=${agent.rpc}`, ...args),
      await call(tserf, 'keys', `-rpc-addr=${agent.rpc}`, ...args),
    ].map((done) => ({ ...done, stdout: sortedRows(done.stdout) }));

    expect(theirs?.stdout).toMatch(expected);
    expect(ours).toEqual(theirs);
  });
});

/** Keys and members come in Serf's random order. */
function sortedRows(output: string): string {
  return output.replace(/(^(failed:|\S+= +\[).*\n)+/gm, (rows) =>
    rows
      .split(/(?<=\n)/)
      .sort()
      .join(''),
  );
}

describe('an agent that is sent', () => {
  const leaving = JSON.stringify({ leave_on_terminate: true });
  const staying = JSON.stringify({ skip_leave_on_interrupt: true });
  test.concurrent.each<[string, readonly NodeJS.Signals[], string | undefined]>([
    ['SIGINT', ['SIGINT'], undefined],
    ['SIGTERM', ['SIGTERM'], undefined],
    ['SIGTERM, on which it leaves', ['SIGTERM'], leaving],
    ['SIGINT, on which it does not leave', ['SIGINT'], staying],
    ['SIGINT twice', ['SIGINT', 'SIGINT'], undefined],
    ['SIGINT, and SIGTERM', ['SIGINT', 'SIGTERM'], undefined],
  ])('%s', async (title, signals, config) => {
    const file = join(folder, `${title}.json`);
    if (config !== undefined) writeFileSync(file, config);
    const flags = [...quick, ...(config === undefined ? [] : [`-config-file=${file}`])];
    const pair = await startPair(serf, 'ending', { flags });
    const ends = await Promise.all(
      kinds.map(async (kind) => {
        const { process } = pair[kind];
        const started = process.stdout.length;
        for (const signal of signals) {
          process.signal(signal);
          if (signals.length > 1) await process.printed(/Gracefully shutting down agent/);
        }
        const { code, stdout, stderr } = await end(process);
        // Records of the log are not compared.
        const said = stdout.slice(started).replace(/^ {4}\d{4}\/.*\n/gm, '');
        return { code, said, stderr, diedOf: process.child.signalCode };
      }),
    );
    expect(ends[1]).toEqual(ends[0]);
  });
});
