import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, type CommandLine, call, tserf } from '../../harness/agents.ts';
import { eventually } from '../../harness/eventually.ts';
import { endAll, type Finished, Running } from '../../harness/processes.ts';
import { bareCases, guardedCases, plainCases, startCases } from './cases.ts';
import {
  end,
  eventBlocks,
  expectSame,
  expectSameInTurn,
  interrupt,
  kinds,
  serf,
  start,
  startMonitor,
  titled,
} from './same-output.ts';
import { keys, type Pair, type Stage, setStage, startPair } from './stage.ts';

/*
 * Every command of Serf's, called by both programs in the same way on the same agent, prints the same and exits the
 * same: on an agent of Serf's and on one of ours. What may differ is in normal-form.ts.
 */

let stage: Stage;

beforeAll(async () => {
  stage = await setStage(serf);
}, 90_000);

afterAll(async () => {
  await endAll();
  stage.end();
});

describe('without an agent', () => {
  test.concurrent.each(bareCases.map(titled))('%s', async (_title, one) => {
    await expectSame(one);
  });
});

describe('an agent that cannot start', () => {
  test.concurrent.each(startCases.map(titled))('%s', async (_title, one) => {
    const args = one.args.map((argument) => argument.replace('FOLDER', stage.folder));
    await expectSame({ ...one, args });
  });

  test('another one has its ports', async () => {
    const { gossip, rpc } = stage.plain.serf;
    await expectSame({ args: ['agent', `-bind=${gossip}`], noAddress: true, form: 'hinted' });
    await expectSame({
      args: ['agent', '-bind=127.0.0.1:0', `-rpc-addr=${rpc}`],
      noAddress: true,
      form: 'hinted',
    });
  });
});

describe.each(kinds)('an agent of %s that wants a token', (kind) => {
  test.concurrent.each(guardedCases.map(titled))('%s', async (_title, one) => {
    await expectSame(one, stage.guarded[kind]);
  });
});

describe.each(kinds)('a member of a cluster, by an agent of %s', (kind) => {
  test.concurrent.each(plainCases.map(titled))('%s', async (_title, one) => {
    await expectSame(one, stage.plain[kind]);
  });
});

describe.each(kinds)('what changes something, by an agent of %s', (kind) => {
  test.each<[string, readonly string[]]>([
    ['set', ['-set', 'a=b=c', '-set=e=', '-set', 'ü=ö']],
    ['set and delete', ['-set', 'a=2', '-delete', 'a', '-delete=e', '-delete=nosuch']],
    ['delete', ['-delete=a', '-delete', 'ü']],
    ['too large', ['-set', `x=${'y'.repeat(600)}`]],
    ['large for a key', ['-set', `${'y'.repeat(600)}=`]],
  ])('tags: %s', async (_title, args) => {
    const agent = stage.plain[kind];

    await expectSameInTurn(['tags', ...args], agent);

    await expectSameInTurn(['members', '-format=json', `-name=${agent.node}`], agent);
  });

  test('join: members are reached, or some of them', async () => {
    const { serf: one, tserf: other } = stage.plain;

    await expectSameInTurn(['join', one.gossip, other.gossip], stage.plain[kind]);
    await expectSameInTurn(['join', '-replay', '127.0.0.1:1', one.gossip], stage.plain[kind]);
    await expectSameInTurn(['join', '-replay=false', one.gossip], stage.plain[kind]);
  });

  test('force-leave: a failed member becomes left, and is pruned', async () => {
    const agent = stage.plain[kind];
    const lost = new Map<CommandLine, Agent>();
    for (const line of [serf, tserf]) {
      const one = await Agent.start(serf, { node: `lost-${kind}-${line.kind}`, ...quick });
      await one.join(agent);
      lost.set(line, one);
    }
    const becomes = (node: string, status: string | undefined) =>
      eventually(async () => expect((await agent.statuses())[node]).toBe(status), {
        withinMs: 30_000,
      });
    for (const { node } of lost.values()) await becomes(node, 'alive');
    for (const one of lost.values()) await one.kill();
    for (const { node } of lost.values()) await becomes(node, 'failed');

    for (const [line, { node }] of lost) {
      const silent = { code: 0, stdout: '', stderr: '' };
      expect(await call(line, 'force-leave', `-rpc-addr=${agent.rpc}`, node)).toEqual(silent);
      await becomes(node, 'left');
      const prune = ['force-leave', `-rpc-addr=${agent.rpc}`, '-prune', node];
      expect(await call(line, ...prune)).toEqual(silent);
      await becomes(node, undefined);
    }
  });

  test.each<[string, readonly string[]]>([
    ['list', ['-list']],
    ['install', ['-install', keys.second]],
    ['install what is there', ['-install', keys.second]],
    ['list two', ['-list']],
    ['use', ['-use', keys.second]],
    ['remove the primary one', ['-remove', keys.second]],
    ['remove', ['-remove', keys.first]],
    ['remove what is not there', ['-remove', keys.absent]],
    ['use what is not there', ['-use', keys.absent]],
    ['install a key of 8 bytes', ['-install', 'c2l4dGVlbi0=']],
    ['install one of 16 bytes', ['-install', 'c2l4dGVlbi1ieXRlcy0tLQ==']],
    ['list the others', ['-list']],
  ])('keys: %s', async (_title, args) => {
    await expectSameInTurn(['keys', ...args], stage.encrypted[kind], 'lines');
  });
});

describe.each(kinds)('to the end of an agent of %s', (kind) => {
  test('monitor: events, then Ctrl-C', async () => {
    const agent = stage.plain[kind];
    const monitors = await Promise.all([serf, tserf].map((line) => startMonitor(line, agent)));

    await call(serf, 'event', `-rpc-addr=${agent.rpc}`, '-coalesce=false', 'bytes', 'ü<&>\n');
    await call(serf, 'event', `-rpc-addr=${agent.rpc}`, '-coalesce=false', 'none');
    await call(serf, 'query', `-rpc-addr=${agent.rpc}`, '-timeout=200ms', 'asked', '');
    await Promise.all(monitors.map((monitor) => monitor.printed(/"asked"/)));
    const ends = await Promise.all(monitors.map((monitor) => interrupt(monitor)));

    const [theirs, ours] = ends.map(({ code, stdout, stderr }) => ({
      code,
      stderr,
      events: eventBlocks(stdout).slice(-3),
    }));
    expect(theirs?.events).toHaveLength(3);
    // 0.9.4 reads an empty payload as none (spec/05 §17).
    const isReadAsNone = theirs?.events.some((event) => event.includes('[]byte(nil)'));
    const events = ours?.events.map((event) =>
      isReadAsNone ? event.replace('[]byte{}', '[]byte(nil)') : event,
    );
    expect({ ...ours, events }).toEqual(theirs);
  });

  test('event: bytes that are no text arrive as they were typed', async () => {
    const agent = stage.plain[kind];
    const monitor = await startMonitor(serf, agent);

    for (const line of [serf, tserf]) {
      // A shell, since only bytes that are text can be handed to a program from here.
      const typed = `'${[line.command, ...line.before].join("' '")}' event -rpc-addr=${agent.rpc} -coalesce=false typed "$(printf 'a\\377\\200${line.kind}')"`;
      expect(await end(new Running('sh', ['-c', typed]))).toMatchObject({ code: 0 });
    }

    const bytes = (text: string) =>
      [...text].map((c) => `0x${c.charCodeAt(0).toString(16)}`).join(', ');
    for (const { kind: sender } of [serf, tserf]) {
      await monitor.printed(new RegExp(`Payload: \\[\\]byte{0x61, 0xff, 0x80, ${bytes(sender)}}`));
    }
    await interrupt(monitor);
  });

  test('query and reachability: Ctrl-C', async () => {
    const lines: readonly string[][] = [
      ['query', '-timeout=1h', 'x'],
      ['query', '-timeout=1h', '-format=json', 'x'],
      ['reachability'],
    ];
    for (const args of lines) {
      const ends = await Promise.all(
        [serf, tserf].map(async (line) => {
          const running = start(line, stage.guarded[kind], ...withToken(args));
          if (args.includes('-format=json')) await sleep(1_500);
          else await running.printed(/Ack from|Starting/);
          return interrupt(running);
        }),
      );
      expect(ends[1], args.join(' ')).toEqual(ends[0]);
    }
  });

  test('reachability and keys: a member that does not answer', async () => {
    const flags = [`-encrypt=${keys.first}`];
    const agent = (await startPair(serf, 'asker', { flags }))[kind];
    const mute = await Agent.start(serf, { node: 'mute', flags });
    await mute.join(agent);
    await eventually(async () => expect((await agent.statuses())['mute']).toBe('alive'), {
      withinMs: 20_000,
    });

    // Before it is taken for failed, which lasts longer than a query.
    mute.freeze();
    const ends = await Promise.all(
      [['reachability'], ['keys', '-list']].map((args) =>
        Promise.all([serf, tserf].map((line) => end(start(line, agent, ...args)))),
      ),
    );

    for (const [theirs, ours] of ends) {
      expect(theirs?.code, theirs?.stdout).toBe(1);
      expect(ours).toEqual(theirs);
    }
  });

  test('leave', async () => {
    const pairs = await Promise.all(
      [serf, tserf].map(async (line) => {
        const agent = (await startPair(serf, `leaver-${line.kind}`, quick))[kind];
        const left = await call(line, 'leave', `-rpc-addr=${agent.rpc}`);
        return { left, code: await agent.process.exited };
      }),
    );

    expect(pairs[0]?.left.code).toBe(0);
    expect(pairs[1]).toEqual(pairs[0]);
  });

  test('what waits when the agent dies', async () => {
    const [watched, asked] = (await Promise.all([
      startPair(serf, 'watched', quick),
      startPair(serf, 'asked', quick),
    ])) as [Pair, Pair];
    const monitors = await Promise.all(
      [serf, tserf].map((line) => startMonitor(line, watched[kind])),
    );
    const queries = [
      ['query', '-timeout=1h', 'x'],
      ['query', '-timeout=1h', '-no-ack', '-format=json', 'x'],
    ].map((args) => [serf, tserf].map((line) => start(line, asked[kind], ...args)));
    await Promise.all(queries[0]?.map((query) => query.printed(/Ack from/)) ?? []);
    // The other one prints nothing before its end.
    await sleep(1_500);

    await Promise.all([watched[kind].kill(), asked[kind].kill()]);

    for (const pair of [monitors, ...queries]) {
      const [theirs, ours] = (await Promise.all(pair.map(end))) as [Finished, Finished];
      expect(withoutEvents(ours), pair[1]?.command).toEqual(withoutEvents(theirs));
    }
  });
});

const quick = { flags: ['-profile=local'] };

function withToken([name = '', ...rest]: readonly string[]): string[] {
  return [name, '-rpc-auth=s3cret', ...rest];
}

/** How many events a monitor has seen is chance; what it says at its end is not. */
function withoutEvents(finished: Finished): Finished {
  const stdout = finished.stdout.replace(/Event Info:\n(\t.*\n)+/g, '');
  return { ...finished, stdout };
}
