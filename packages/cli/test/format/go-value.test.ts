import { expect, test } from 'vitest';
import { formatGoValue } from '../../src/format/go-value.js';

const bytes = (...values: number[]) => Uint8Array.from(values);

test.each([
  ['deploy', '"deploy"'],
  [null, '<nil>'],
  [undefined, '<nil>'],
  [true, 'true'],
  [18, '18'],
  [127, '127'],
  [128, '0x80'],
  [28946, '0x7112'],
  [2n ** 63n + 5n, '0x8000000000000005'],
  [-3, '-3'],
  [bytes(0x7a, 0, 0xff), '[]byte{0x7a, 0x0, 0xff}'],
  [bytes(), '[]byte{}'],
  [[], '[]interface {}{}'],
  [['a', null, bytes(1)], '[]interface {}{"a", interface {}(nil), []uint8{0x1}}'],
  [{}, 'map[interface {}]interface {}{}'],
])('%o is written as %s', (value, text) => {
  expect(formatGoValue(value)).toBe(text);
});

test('a list of members is written as Serf wrote it', () => {
  const member = {
    Addr: bytes(127, 0, 0, 1),
    DelegateCur: 5,
    DelegateMax: 5,
    DelegateMin: 2,
    Name: 'n1',
    Port: 28946,
    ProtocolCur: 2,
    ProtocolMax: 5,
    ProtocolMin: 1,
    Tags: { v: '3', dc: 'east', role: 'web' },
    Status: 'alive',
  };

  expect(formatGoValue([member])).toBe(
    '[]interface {}{map[interface {}]interface {}{"Addr":[]uint8{0x7f, 0x0, 0x0, 0x1}, "DelegateCur":5, "DelegateMax":5, "DelegateMin":2, "Name":"n1", "Port":0x7112, "ProtocolCur":2, "ProtocolMax":5, "ProtocolMin":1, "Status":"alive", "Tags":map[interface {}]interface {}{"dc":"east", "role":"web", "v":"3"}}}',
  );
});
