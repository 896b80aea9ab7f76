import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fakeAgent } from '../support/fake-agent.js';
import { run, type TerminalOptions } from '../support/terminal.js';

async function send(args: readonly string[], options: TerminalOptions = {}) {
  const agent = fakeAgent();
  const result = await run(['event', ...args], { connect: agent.connect, ...options });
  return { ...result, call: agent.calls[0] };
}

const bytes = (text: string) => Uint8Array.from(Buffer.from(text));

test.each([
  [['deploy'], undefined, true],
  [['deploy', ''], bytes(''), true],
  [['-coalesce=false', 'deploy', 'v1 ü'], bytes('v1 ü'), false],
  [['deploy', '-coalesce=false'], bytes('-coalesce=false'), true],
  [['deploy', '-'], bytes('-'), true],
])('%j sends the payload as it stands', async (args, payload, coalesce) => {
  const { code, stdout, stderr, call } = await send(args);

  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: `Event 'deploy' dispatched! Coalescing enabled: ${coalesce}\n`,
    stderr: '',
  });
  expect(plain(call)).toEqual(['event', 'deploy', payload, { coalesce }]);
});

test.each([
  [[], 'An event name must be specified.'],
  [['a', 'b', 'c'], 'Too many command line arguments. Only a name and payload must be specified.'],
])('%j is a wrong number of arguments', async (args, message) => {
  const { code, stdout, call } = await send(args);

  expect(code).toBe(1);
  expect(stdout.startsWith(`${message}\n\nUsage: tserf event [options] name [payload]\n`)).toBe(
    true,
  );
  expect(call).toBeUndefined();
});

describe('bytes that are no UTF-8', () => {
  const typed = Uint8Array.of(0x61, 0xff, 0x62);

  test('are sent as they were typed, where the system tells', async () => {
    const { call } = await send(['x', 'a\ufffdb'], { lastArgument: typed });

    expect(plain(call)?.[2]).toEqual(typed);
  });

  test.each([[undefined], [Uint8Array.of(0x7a)]])(
    'are replaced where it does not, or tells of another argument: %j',
    async (lastArgument) => {
      const { call } = await send(['x', 'a\ufffdb'], lastArgument ? { lastArgument } : {});

      expect(plain(call)?.[2]).toEqual(bytes('a\ufffdb'));
    },
  );
});

describe('-payload-file', () => {
  test('takes standard input byte by byte', async () => {
    const input = Uint8Array.of(0, 0xff, 0x0a);

    const { code, call } = await send(['-payload-file=-', 'x'], { input });

    expect(code).toBe(0);
    expect(plain(call)?.[2]).toEqual(input);
  });

  test('takes a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tserf-payload-'));
    try {
      writeFileSync(join(folder, 'p'), 'line\n');

      const { call } = await send([`-payload-file=${join(folder, 'p')}`, 'x']);

      expect(plain(call)?.[2]).toEqual(bytes('line\n'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('nothing on standard input is an empty payload, not none', async () => {
    expect(plain((await send(['-payload-file=-', 'x'])).call)?.[2]).toEqual(new Uint8Array());
  });

  test.each([
    [['-payload-file=-', 'x', 'y'], 'a payload and -payload-file exclude each other'],
    [
      ['-payload-file=/nonexistent/p', 'x'],
      "the payload cannot be read: ENOENT: no such file or directory, open '/nonexistent/p'",
    ],
  ])('%j is refused', async (args, problem) => {
    const { code, stdout, call } = await send(args);

    expect({ code, stdout, call }).toEqual({
      code: 1,
      stdout: `Error: ${problem}\n`,
      call: undefined,
    });
  });

  test('a pipe without an end does not fill the memory', async () => {
    const { code, stdout } = await send(['-payload-file=/dev/zero', 'x']);

    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: 'Error: the payload is larger than 1048576 bytes\n',
    });
  });
});

/** Buffers compared as what they are: bytes. */
function plain(call: unknown[] | undefined): unknown[] | undefined {
  return call?.map((value) => (value instanceof Uint8Array ? Uint8Array.from(value) : value));
}
