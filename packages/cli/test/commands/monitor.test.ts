import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { main } from '../../src/main.js';
import { type FakeAgent, fakeAgent, member } from '../support/fake-agent.js';
import { type Recording, recordIo, run } from '../support/terminal.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const REMOTE_ENDED =
  '\nRemote side ended the monitor! This usually means that the\nremote side has exited or crashed.\n';

/** Runs the command until it watches. (In an object: an async function would wait for a promise.) */
async function startMonitor(agent: FakeAgent, terminal: Recording, ...flags: string[]) {
  const code = main(['monitor', ...flags], terminal.io, { connect: agent.connect });
  await vi.waitFor(() => expect(agent.calls).toHaveLength(2));
  await nextTurn();
  return { code };
}

test('log entries and events are printed as they come, until Ctrl-C, which says nothing and is no error', async () => {
  const agent = fakeAgent();
  const terminal = recordIo();
  const running = await startMonitor(agent, terminal, '-log-level=warn');

  agent.log.push('2026/11/23 12:44:58 [WARN] agent: one\n\t* two');
  await nextTurn();
  agent.events.push({
    type: 'user',
    lamportTime: 18,
    name: 'deploy',
    payload: bytes('abc'),
    coalesce: true,
  });
  await nextTurn();
  agent.log.push('2026/11/23 12:44:59 [WARN] \x1b[2J');
  await nextTurn();
  terminal.signal('SIGINT');

  expect(await running.code).toBe(0);
  expect(terminal.stdout()).toBe(
    '2026/11/23 12:44:58 [WARN] agent: one\n\t* two\n' +
      'Event Info:\n\tCoalesce: true\n\tEvent: "user"\n\tLTime: 18\n\tName: "deploy"\n\tPayload: []byte{0x61, 0x62, 0x63}\n' +
      '2026/11/23 12:44:59 [WARN] \\x1b[2J\n',
  );
  expect(agent.calls).toEqual([
    ['stream', '*'],
    ['monitor', 'warn'],
  ]);
  expect([agent.log.isStopped, agent.events.isStopped, agent.isClosed()]).toEqual([
    true,
    true,
    true,
  ]);
});

test('a second Ctrl-C is left to the system, so that a frozen agent holds nobody', async () => {
  const agent = fakeAgent();
  const terminal = recordIo();
  const running = await startMonitor(agent, terminal);

  expect(terminal.signal('SIGINT')).toBe(true);
  expect(terminal.signal('SIGINT')).toBe(false);
  expect(await running.code).toBe(0);
});

test('a lost agent is an error, after everything that it had sent', async () => {
  const agent = fakeAgent();
  const terminal = recordIo();
  const running = await startMonitor(agent, terminal);

  agent.events.push({ type: 'query', id: 1, lamportTime: 200, name: 'load', payload: undefined });
  agent.log.lose();
  agent.events.lose();

  expect(await running.code).toBe(1);
  expect(terminal.stdout()).toBe(
    `Event Info:\n\tEvent: "query"\n\tID: 1\n\tLTime: 0xc8\n\tName: "load"\n\tPayload: <nil>\n${REMOTE_ENDED}`,
  );
});

test('members are printed with the field names of the wire', async () => {
  const agent = fakeAgent();
  const terminal = recordIo();
  const running = await startMonitor(agent, terminal);

  const members = [member({ name: 'n1', tags: { v: '3', dc: 'east' } })];
  agent.events.push({ type: 'member-join', members });
  await nextTurn();
  terminal.signal('SIGINT');
  await running.code;

  expect(terminal.stdout()).toBe(
    'Event Info:\n\tEvent: "member-join"\n\tMembers: []interface {}{map[interface {}]interface {}{"Addr":[]uint8{0x7f, 0x0, 0x0, 0x1}, "DelegateCur":5, "DelegateMax":5, "DelegateMin":2, "Name":"n1", "Port":0x7112, "ProtocolCur":2, "ProtocolMax":5, "ProtocolMin":1, "Status":"alive", "Tags":map[interface {}]interface {}{"dc":"east", "v":"3"}}}\n',
  );
});

test('an unknown level is refused by the agent', async () => {
  const agent = fakeAgent({ refuse: { monitor: 'Unknown log level: FOO' } });

  expect(await run(['monitor', '-log-level=foo'], { connect: agent.connect })).toEqual({
    code: 1,
    stdout: 'Error starting monitor: Unknown log level: FOO\n',
    stderr: '',
  });
});

test('as JSON each entry and each event is one line', async () => {
  const agent = fakeAgent();
  const terminal = recordIo();
  const running = await startMonitor(agent, terminal, '-format=json');

  agent.log.push('2026/11/23 12:44:58 [WARN] <one>\n\t* two');
  await nextTurn();
  agent.events.push(
    { type: 'user', lamportTime: 2n ** 63n, name: 'deploy', payload: bytes('ü'), coalesce: true },
    { type: 'query', id: 1, lamportTime: 2, name: 'load', payload: Uint8Array.of(0xff) },
    { type: 'member-join', members: [member({ name: 'n1' })] },
  );
  await nextTurn();
  terminal.signal('SIGINT');
  await running.code;

  const versions = '"protocol":{"max":5,"min":2,"version":5}';
  expect(terminal.stdout().split('\n')).toEqual([
    '{"log":"2026/11/23 12:44:58 [WARN] \\u003cone\\u003e\\n\\t* two"}',
    '{"event":"user","name":"deploy","ltime":9223372036854775808,"coalesce":true,"payload":"ü"}',
    '{"event":"query","name":"load","ltime":2,"id":1,"payload_base64":"/w=="}',
    `{"event":"member-join","members":[{"name":"n1","addr":"127.0.0.1:28946","port":28946,"tags":{},"status":"alive",${versions}}]}`,
    '',
  ]);
});
