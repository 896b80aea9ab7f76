import { afterEach, expect, test } from 'vitest';
import { Agent, call, tserf } from '../harness/agents.ts';
import { endAll, Running } from '../harness/processes.ts';

afterEach(endAll);

const calls: readonly (readonly string[])[] = [
  ['event', 'deploy'],
  ['force-leave', 'nobody'],
  ['info'],
  ['join', '127.0.0.1:1'],
  ['keys', '-list'],
  ['leave'],
  ['members'],
  ['monitor'],
  ['query', 'load'],
  ['reachability'],
  ['rtt', 'one'],
  ['tags', '-set', 'a=b'],
];

test('an agent that is suspended holds no command for long', async () => {
  const agent = await Agent.start(tserf, { node: 'one' });
  agent.freeze();

  const results = await Promise.all([
    // Unasked, it is given ten seconds.
    ...calls.map(([command = '', ...rest]) =>
      call(tserf, command, `-rpc-addr=${agent.rpc}`, ...rest),
    ),
    ...calls.map(([command = '', ...rest]) =>
      call(tserf, command, `-rpc-addr=${agent.rpc}`, '-rpc-timeout=500ms', ...rest),
    ),
  ]);

  for (const [index, result] of results.entries()) {
    const name = calls[index % calls.length]?.[0];
    expect(result, name).toMatchObject({ code: 1, stderr: '' });
    expect(result.stdout, name).toMatch(
      /^Error connecting to Serf agent: the agent does not answer \(nothing for (10|0\.5) s\)\n$/,
    );
  }
  agent.thaw();
});

test('an agent that is suspended while a command waits is given up', async () => {
  const agent = await Agent.start(tserf, { node: 'one' });
  // A join that the agent carries out for as long as nobody answers it, and a query without an end.
  const waiting = [
    ['query', '-timeout=1h', 'load'],
    ['query', '-timeout=1h', '-rpc-timeout=1s', 'load'],
    ['reachability', '-rpc-timeout=1s'],
  ].map(
    ([command = '', ...rest]) =>
      new Running(tserf.command, [...tserf.before, command, `-rpc-addr=${agent.rpc}`, ...rest]),
  );
  await Promise.all(waiting.map((command) => command.printed(/dispatched|Starting/)));

  agent.freeze();

  for (const command of waiting) {
    expect(await command.exited, command.command).toBe(1);
    expect(command.stdout + command.stderr).toMatch(/: no answer to |has stopped answering/);
  }
  agent.thaw();
});
