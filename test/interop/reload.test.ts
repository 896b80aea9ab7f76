import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Agent, type CommandLine, call, serfUnderTest, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { endAll } from '../harness/processes.ts';

const serf = serfUnderTest();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reload-'));
});
afterEach(async () => {
  await endAll();
  await rm(folder, { recursive: true, force: true });
});

/** What an agent does with one file after another. */
async function reloads(line: CommandLine) {
  const file = join(folder, `${line.kind}.json`);
  await writeFile(file, '{"tags":{"role":"web","zone":"1"}}');
  const agent = await Agent.start(line, { node: line.kind, flags: [`-config-file=${file}`] });
  const tags = async () => (await agent.members())[0]?.tags;
  const messages = () => agent.process.stdout.split('\n').filter((text) => /^==> /.test(text));
  const reload = async (text: string) => {
    const before = messages().length;
    await writeFile(file, text);
    agent.process.signal('SIGHUP');
    await eventually(() => expect(messages().length).toBeGreaterThan(before + 1), {
      withinMs: 20_000,
    });
    // What more there is comes at once.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return messages().slice(before);
  };

  const good = await reload(
    '{"tags":{"role":"db"},"leave_on_terminate":true,"event_handlers":["user=echo $SERF_USER_EVENT"]}',
  );
  await eventually(async () => expect(await tags()).toEqual({ role: 'db' }), {
    withinMs: 20_000,
  });
  await call(line, 'event', '-coalesce=false', `-rpc-addr=${agent.rpc}`, 'deploy');
  await agent.process.printed(/Event 'user' script output: deploy\n/);

  const bad = await reload('{"tags":{"role":"cache"},');
  const handler = await reload('{"tags":{"role":"cache"},"event_handlers":["foo=x"]}');
  expect(await tags()).toEqual({ role: 'db' });

  agent.process.signal('SIGTERM');
  return { good, bad, handler, code: await agent.process.exited };
}

test('both reload the same things, refuse the same files, and say so in the same words', async () => {
  const [theirs, ours] = await Promise.all([reloads(serf), reloads(tserf)]);

  expect(ours.code).toBe(0);
  expect(theirs.code).toBe(0);
  const starts = (lines: readonly string[], file: string) =>
    lines.map((text) => text.replaceAll(`${file}.json`, 'FILE'));
  for (const step of ['good', 'bad', 'handler'] as const) {
    const expected = starts(theirs[step], 'serf');
    const said = starts(ours[step], 'tserf');
    expect(said).toHaveLength(expected.length);
    for (const [index, text] of expected.entries()) {
      // What is wrong in a file is said in other words, behind the same ones.
      const same = /^==> Error decoding '.*?': /.exec(text)?.[0] ?? text;
      expect(said[index]?.slice(0, same.length)).toBe(same);
    }
  }
});
