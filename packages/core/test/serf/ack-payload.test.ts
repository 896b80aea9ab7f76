import { expect, test } from 'vitest';
import { originAckPayload } from '../../src/serf/ack-payload.js';

test('the ack payload is the origin coordinate that a Serf agent sends, byte for byte', () => {
  const zero = 'cb0000000000000000';
  const expected = [
    '0184',
    `aa41646a7573746d656e74${zero}`,
    'a54572726f72cb3ff8000000000000',
    'a6486569676874cb3ee4f8b588e368f1',
    `a356656398${zero.repeat(8)}`,
  ].join('');

  expect(Buffer.from(originAckPayload).toString('hex')).toBe(expected);
  expect(originAckPayload).toHaveLength(130);
});
