import { afterEach, expect, test } from 'vitest';
import { Agent, call, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { endAll, run } from '../harness/processes.ts';

afterEach(endAll);

test('two agents join, list each other, and show a Ctrl-C as left and a kill as failed', async () => {
  const foo = await Agent.start(tserf, { node: 'foo' });
  const bar = await Agent.start(tserf, { node: 'bar' });

  const joined = await foo.join(bar);
  expect(joined).toEqual({
    code: 0,
    stdout: 'Successfully joined cluster by contacting 1 nodes.\n',
    stderr: '',
  });
  await eventually(
    async () => {
      const listed = await call(tserf, 'members', `-rpc-addr=${foo.rpc}`);
      expect(listed.stdout).toMatch(
        /^bar +127\.0\.0\.1:\d+ +alive *\nfoo +127\.0\.0\.1:\d+ +alive/,
      );
    },
    { withinMs: 10_000 },
  );

  bar.process.signal('SIGINT');
  expect(await bar.process.exited).toBe(0);
  await eventually(
    async () => expect(await foo.statuses()).toEqual({ bar: 'left', foo: 'alive' }),
    {
      withinMs: 10_000,
    },
  );

  const baz = await Agent.start(tserf, { node: 'baz' });
  await baz.join(foo);
  await baz.kill();
  await eventually(async () => expect(await foo.statuses()).toMatchObject({ baz: 'failed' }), {
    withinMs: 30_000,
  });
});

test('the last two agents of a cluster, interrupted together, both leave with exit code 0', async () => {
  const foo = await Agent.start(tserf, { node: 'foo' });
  const bar = await Agent.start(tserf, { node: 'bar' });
  await foo.join(bar);
  await eventually(
    async () => expect(await bar.statuses()).toEqual({ bar: 'alive', foo: 'alive' }),
    {
      withinMs: 10_000,
    },
  );

  foo.process.signal('SIGINT');
  bar.process.signal('SIGINT');

  expect(await Promise.all([foo.process.exited, bar.process.exited])).toEqual([0, 0]);
});

test('an agent that joins while it starts says whom it reached', async () => {
  const foo = await Agent.start(tserf, { node: 'foo' });
  const bar = await Agent.start(tserf, { node: 'bar', flags: [`-join=${foo.gossip}`] });

  expect(bar.process.stdout).toContain('==> Joining cluster...(replay: false)\n');
  expect(bar.process.stdout).toContain('    Join completed. Synced with 1 initial agents\n');
});

test('an agent that retries finds a seed that starts later', async () => {
  const seedPort = await (await import('../harness/ports.ts')).freePort();
  const bar = await Agent.start(tserf, {
    node: 'bar',
    flags: [`-retry-join=127.0.0.1:${seedPort}`, '-retry-interval=1s'],
  });
  await bar.process.printed(/Join failed: .*retrying in 1s/s);

  await Agent.start(tserf, { node: 'seed', gossipPort: seedPort });

  await eventually(
    async () => expect(await bar.statuses()).toEqual({ bar: 'alive', seed: 'alive' }),
    {
      withinMs: 20_000,
    },
  );
});

test('a program given on the command line is a member too', async () => {
  const program = `
    import { Cluster } from '@tserf/core';
    const cluster = await Cluster.start({ node: 'one-liner', bind: '127.0.0.1:0' });
    console.log(cluster.members.map(({ name, status }) => name + ' ' + status).join());
    await cluster.shutdown();
  `;

  const answer = await run(process.execPath, ['--input-type=module', '-e', program]);

  expect(answer).toEqual({ code: 0, stdout: 'one-liner alive\n', stderr: '' });
});
