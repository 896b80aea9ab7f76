import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Log } from '../../src/engine/log.js';
import { reportLine } from '../../src/engine/log-text.js';
import { printable } from '../../src/engine/printable.js';
import { RecorderWorld } from './recorder-world.js';

test('lines without a limit all pass', () => {
  const world = new RecorderWorld();
  const log = new Log(world, { lines: 1, windowMs: 1_000 });

  for (let index = 0; index < 5; index += 1) log.write({ level: 'INFO', text: `line ${index}` });

  expect(world.lines).toHaveLength(5);
});

test('a flood of one kind is held back, and the next line says how much was', () => {
  const world = new RecorderWorld();
  const log = new Log(world, { lines: 2, windowMs: 1_000 });
  const garbage = { level: 'ERR', text: 'garbage', limit: 'packet' } as const;

  for (let index = 0; index < 50; index += 1) log.write(garbage);
  log.write({ level: 'WARN', text: 'of another kind', limit: 'other' });
  world.now += 1_000;
  log.write(garbage);

  expect(world.lines).toEqual([
    'ERR garbage',
    'ERR garbage',
    'WARN of another kind',
    'ERR garbage (48 more like this were not logged)',
  ]);
});

test('a name can neither end a line nor turn its direction', () => {
  expect(printable('a\nb\tc\r\x07\x7f\u0085\u2028\u202e')).toBe(
    'a\\nb\\tc\\r\\x07\\x7f\\x85\\u2028\\u202e',
  );
  expect(printable('größe-1.example')).toBe('größe-1.example');
});

test('what is printable holds no control character, whatever it was made from', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0x2fff)), (codes) => {
      const text = String.fromCodePoint(...codes);
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    }),
  );
});

// The texts on the right were recorded from a real Serf's log.
test.each([
  [
    { code: 'memberEvent', event: 'member-join', node: 'n2', host: '127.0.0.1' },
    'INFO serf: EventMemberJoin: n2 127.0.0.1',
  ],
  [
    { code: 'memberEvent', event: 'member-update', node: 'n2', host: '127.0.0.1' },
    'INFO serf: EventMemberUpdate: n2',
  ],
  [{ code: 'messageReceived', kind: 'leave', name: 'n2' }, 'DEBUG serf: messageLeaveType: n2'],
  [{ code: 'refutingLeave' }, 'DEBUG serf: Refuting an older leave intent'],
  [
    {
      code: 'nameConflict',
      node: 'n2',
      own: false,
      resolved: true,
      existing: '127.0.0.1:32102',
      other: '127.0.0.1:32104',
    },
    "WARN serf: Name conflict for 'n2' both 127.0.0.1:32102 and 127.0.0.1:32104 are claiming",
  ],
  [
    {
      code: 'nameConflict',
      node: 'n1',
      own: true,
      resolved: true,
      existing: '127.0.0.1:32102',
      other: '127.0.0.1:32104',
    },
    'ERR serf: Node name conflicts with another node at 127.0.0.1:32104. Names must be unique! (Resolution enabled: true)',
  ],
  [
    { code: 'suspecting', node: 'gamma', reason: 'no answer to a probe' },
    'INFO memberlist: Suspect gamma has failed, no acks received',
  ],
  [
    { code: 'markedDead', node: 'gamma', confirmations: 1 },
    'INFO memberlist: Marking gamma as failed, suspect timeout reached (1 peer confirmations)',
  ],
  [
    { code: 'refuting', accusation: 'suspect', from: 'zz' },
    'WARN memberlist: Refuting a suspect message (from: zz)',
  ],
  [
    {
      code: 'conflict',
      node: 'n2',
      existing: '127.0.0.1:32102',
      other: '127.0.0.1:32104',
      state: 'alive',
    },
    'ERR memberlist: Conflicting address for n2. Mine: 127.0.0.1:32102 Theirs: 127.0.0.1:32104 Old state: 0',
  ],
  [
    { code: 'wrongPing', wanted: 'alpha', from: '127.0.0.1:33825' },
    "WARN memberlist: Got ping for unexpected node 'alpha' from=127.0.0.1:33825",
  ],
  [
    { code: 'publicWithoutEncryption' },
    'WARN memberlist: Binding to public address without encryption!',
  ],
] as const)('%j is logged as Serf does', (report, line) => {
  const { level, text } = reportLine({ type: 'report', ...report });

  expect(`${level} ${text}`).toBe(line);
});

test('a hostile name is escaped wherever it is logged', () => {
  const node = 'x\n2026/01/01 00:00:00 [ERR] agent: forged';
  const base = { type: 'report' } as const;

  for (const report of [
    { ...base, code: 'memberEvent', event: 'member-join', node, host: '10.0.0.1' },
    { ...base, code: 'messageReceived', kind: 'join', name: node },
    { ...base, code: 'suspecting', node, reason: node },
    { ...base, code: 'markedDead', node, confirmations: 0 },
    { ...base, code: 'refuting', accusation: 'dead', from: node },
    { ...base, code: 'wrongPing', wanted: node, from: '10.0.0.1:1' },
    { ...base, code: 'refused', reason: 'name', detail: node },
    { ...base, code: 'mergeRefused', reason: node },
    { ...base, code: 'reconnecting', node, address: '10.0.0.1:1' },
    { ...base, code: 'sharedAddress', first: node, second: node, address: '10.0.0.1:1' },
    { ...base, code: 'nameConflict', node, own: false, resolved: true, existing: 'a', other: 'b' },
    { ...base, code: 'conflict', node, existing: 'a', other: 'b', state: '0' },
    { ...base, code: 'streamProbeOnly', node },
    { ...base, code: 'badMessage', detail: node },
  ] as const) {
    expect(reportLine(report).text).not.toContain('\n');
  }
});
