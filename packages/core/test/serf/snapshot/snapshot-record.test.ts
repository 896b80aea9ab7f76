import fc from 'fast-check';
import { expect, test } from 'vitest';
import { origin } from '../../../src/coordinates/coordinate.js';
import {
  decodeSnapshotLine,
  encodeSnapshotRecord,
  type SnapshotRecord,
} from '../../../src/serf/snapshot/snapshot-record.js';

const endpoint = { host: '127.0.0.1', port: 27_000 };

test.each<[string, SnapshotRecord]>([
  ['alive: n0 127.0.0.1:27000', { type: 'alive', peer: { name: 'n0', endpoint } }],
  [
    'alive: with two spaces 127.0.0.1:27000',
    { type: 'alive', peer: { name: 'with two spaces', endpoint } },
  ],
  [
    'alive: n0 [::1]:7946',
    { type: 'alive', peer: { name: 'n0', endpoint: { host: '::1', port: 7_946 } } },
  ],
  ['not-alive: n0', { type: 'not-alive', name: 'n0' }],
  ['not-alive: with two spaces', { type: 'not-alive', name: 'with two spaces' }],
  ['clock: 12', { type: 'clock', time: 12 }],
  ['event-clock: 9007197107257344', { type: 'event-clock', time: 2 ** 53 - 2 ** 31 }],
  ['query-clock: 0', { type: 'query-clock', time: 0 }],
  ['leave', { type: 'leave' }],
  ['# failed: n0 127.0.0.1:27000', { type: 'failed', peer: { name: 'n0', endpoint } }],
  [`# coordinate: ${JSON.stringify(origin)}`, { type: 'coordinate', coordinate: origin }],
])('%s', (line, record) => {
  expect(encodeSnapshotRecord(record)).toBe(`${line}\n`);
  expect(decodeSnapshotLine(line)).toEqual(record);
});

test.each([
  '#',
  '# anything',
  '# failed: nobody',
  '# coordinate: {}',
  '# coordinate: {"vec":[1],"error":1,"adjustment":0,"height":1e-5}',
  '# coordinate: {"vec":[0,0,0,0,0,0,0,1e9],"error":1,"adjustment":0,"height":1e-5}',
  '# coordinate: {"vec"',
  'coordinate: {"Vec":[0,0,0,0,0,0,0,0],"Error":1.5,"Adjustment":0,"Height":0.00001}',
])('%s says nothing, without a word', (line) => {
  expect(decodeSnapshotLine(line)).toBe('comment');
});

test.each([
  '',
  'alive',
  'alive: n0',
  'alive: 127.0.0.1:7946',
  'alive: n0 somewhere',
  'alive: n0 127.0.0.1:0',
  'alive: n0 127.0.0.1:65536',
  'alive: n0 [::1:7946',
  'clock:',
  'clock: ',
  'clock: -1',
  'clock: 1.5',
  'clock: 0x10',
  'clock: abc',
  // What Serf writes when its clock has wrapped (spec/03 §24, 1).
  'clock: 18446744073709551615',
  'event-clock: 9007197107257345',
  'event-clock: 9007199254740992',
  'leave ',
  'leaves',
  'constructor: 1',
])('"%s" is no record', (line) => {
  expect(decodeSnapshotLine(line)).toBe('unknown');
});

test('a name with a line feed gets no line: it would be free to write its own', () => {
  const peer = { name: 'x 1.2.3.4:5\nleave', endpoint };

  expect(encodeSnapshotRecord({ type: 'alive', peer })).toBeUndefined();
  expect(encodeSnapshotRecord({ type: 'not-alive', name: 'x\ny' })).toBeUndefined();
});

test('any name without a line feed comes back as it was', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\n'));
  fc.assert(
    fc.property(name, (text) => {
      const record = { type: 'alive', peer: { name: text, endpoint } } as const;
      const line = encodeSnapshotRecord(record) ?? '';
      expect(decodeSnapshotLine(line.slice(0, -1))).toEqual(record);
    }),
  );
});
