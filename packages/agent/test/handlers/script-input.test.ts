import { describe, expect, test } from 'vitest';
import { scriptInput } from '../../src/handlers/script-input.js';
import { userEvent } from '../events.js';
import { member } from '../rpc/fake-host.js';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

describe('members', () => {
  const lines = (...members: Parameters<typeof member>[]) =>
    Buffer.from(
      scriptInput({ type: 'member-join', members: members.map((each) => member(...each)) }),
    ).toString();

  // Recorded from the real Serf (spec/07 §16), tags in our order.
  test('are lines of four fields', () => {
    const tags = {
      role: 'web',
      'Data-Center': 'us east',
      'a.b': '1',
      'x=y': 'e=q',
      'tab\tname': 'v\tt',
      nl: 'l1\nl2',
      '1num': 'n',
      ünï: 'é',
      empty: '',
      comma: 'a,b=c',
    };

    expect(lines(['nodeA', { tags }], ['nodeC', { tags: {} }])).toBe(
      'nodeA\t127.0.0.1\tweb\t1num=n,Data-Center=us east,a.b=1,comma=a,b=c,empty=,nl=l1\\nl2,role=web,tab\\tname=v\\tt,x=y=e=q,ünï=é\n' +
        'nodeC\t127.0.0.1\t\t\n',
    );
  });

  test('have tabs and line ends escaped, and nothing else', () => {
    const endpoint = { host: '::1', port: 7946 };

    expect(lines(['v6\tna\nme\r\\', { endpoint, tags: { role: 'r\\t' } }])).toBe(
      'v6\\tna\\nme\r\\\t::1\tr\\t\trole=r\\t\n',
    );
  });
});

describe('a payload', () => {
  const input = (payload: string) =>
    text(scriptInput(userEvent('u', { payload: Buffer.from(payload, 'latin1') })));

  test.each([
    ['payload no newline', 'payload no newline\n'],
    ['multi\nline\n', 'multi\nline\n'],
    ['', ''],
    ['\n', '\n'],
    ['a\tb\r\nc\\', 'a\tb\r\nc\\\n'],
    ['\0\xff\xfe', '\0\xff\xfe\n'],
  ])('%j is read as %j', (payload, read) => {
    expect(input(payload)).toBe(read);
  });
});
