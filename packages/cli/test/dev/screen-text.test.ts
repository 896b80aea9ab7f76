import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { colours, noColours } from '../../src/dev/paint.js';
import { renderScreen } from '../../src/dev/screen-text.js';
import type { DevState } from '../../src/dev/state.js';
import { member } from '../support/fake-agent.js';

const hints = {
  commands: [
    ['tserf members', 'who is there'],
    ['tserf leave -rpc-addr=127.0.0.1:7374', 'dev-2 leaves'],
  ],
  keys: 'Ctrl-C ends',
} as const;

const state: DevState = {
  nodes: [
    { name: 'dev-1', gossip: '127.0.0.1:7946', rpc: '127.0.0.1:7373', isRunning: true },
    { name: 'dev-2', gossip: '127.0.0.1:7947', rpc: '127.0.0.1:7374', isRunning: false },
    { name: 'dev-3', gossip: '127.0.0.1:7948', rpc: '127.0.0.1:7375', isRunning: false },
  ],
  members: [
    member({ name: 'mine\x1b[2J', port: 7950 }),
    member({ name: 'dev-2', port: 7947, status: 'failed', tags: { role: 'web' } }),
    member({ name: 'dev-1', port: 7946, tags: { role: 'web', a: '' } }),
  ],
  lines: Array.from({ length: 30 }, (_, index) => ({
    time: '12:00:00',
    what: 'member-join',
    details: `event ${index + 1}`,
  })),
  upSeconds: 83.9,
};

test('it shows members and stopped agents, the newest events, what to try, and the keys', () => {
  expect(renderScreen(state, hints, { columns: 80, rows: 18 }, noColours)).toEqual([
    ' tserf dev · 1 of 3 agents running · up 1:23',
    '',
    ' NAME         STATUS   GOSSIP          RPC             TAGS',
    ' dev-1        alive    127.0.0.1:7946  127.0.0.1:7373  a=,role=web',
    ' dev-2        failed   127.0.0.1:7947  127.0.0.1:7374  role=web',
    ' dev-3        stopped  127.0.0.1:7948  127.0.0.1:7375  ',
    ' mine\\x1b[2J  alive    127.0.0.1:7950  -               ',
    '',
    ' Events',
    ' 12:00:00  member-join    event 28',
    ' 12:00:00  member-join    event 29',
    ' 12:00:00  member-join    event 30',
    '',
    ' Try in another terminal',
    ' tserf members                          who is there',
    ' tserf leave -rpc-addr=127.0.0.1:7374   dev-2 leaves',
    '',
    ' Ctrl-C ends',
  ]);
});

test.each([
  [80, 24],
  [80, 17],
  [40, 10],
  [20, 9],
  [200, 60],
  [5, 3],
])('it fits a terminal of %i × %i, in colour too', (columns, rows) => {
  const plain = renderScreen(state, hints, { columns, rows }, noColours);
  const coloured = renderScreen(state, hints, { columns, rows }, colours);

  expect(plain.length).toBeLessThanOrEqual(rows);
  for (const line of plain) expect([...line].length).toBeLessThanOrEqual(columns);
  expect(coloured.map(stripVTControlCharacters)).toEqual(plain);
});

test('a command that is too long is broken as a shell takes it', () => {
  const long = `tserf agent -node=mine ${'-join=127.0.0.1:7946 '.repeat(3).trim()}`;
  const one = { ...hints, commands: [[long, 'one more']] as const };

  const lines = renderScreen(state, one, { columns: 60, rows: 30 }, noColours);

  const start = lines.indexOf(' Try in another terminal') + 1;
  expect(lines.slice(start, start + 2)).toEqual([
    ' tserf agent -node=mine -join=127.0.0.1:7946 \\',
    '   -join=127.0.0.1:7946 -join=127.0.0.1:7946 one more',
  ]);
});

test('a short terminal gives up the hints before the events', () => {
  const lines = renderScreen(state, hints, { columns: 80, rows: 17 }, noColours);

  expect(lines).not.toContain(' Try in another terminal');
  expect(lines.filter((line) => line.includes('member-join'))).toHaveLength(6);
});
