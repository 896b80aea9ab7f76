import { expect, test } from 'vitest';
import { oneLine, syslogLine } from '../../src/syslog/line.js';
import { facilities, priority } from '../../src/syslog/priorities.js';

test('a record is one line: control characters become their octal numbers', () => {
  expect(oneLine('agent: output: a\tb\r\nc\u007f ü')).toBe('agent: output: a#011b#015#012c#177 ü');
});

test('a text that is too long is cut between characters', () => {
  const cut = oneLine('ü'.repeat(5_000));

  expect(cut).toBe(`${'ü'.repeat(4_000)}…`);
  expect(oneLine(`a${'ü'.repeat(5_000)}`)).toBe(`a${'ü'.repeat(3_999)}…`);
  expect(oneLine('x'.repeat(8_000))).toBe('x'.repeat(8_000));
});

test('a line has the form of the local syslog protocol', () => {
  expect(syslogLine(134, 'agent: hello', new Date(2026, 10, 7, 1, 2, 3))).toBe(
    `<134>Nov  7 01:02:03 serf[${process.pid}]: agent: hello`,
  );
});

test('priorities are those of Serf: DEBUG is info, INFO is notice', () => {
  const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERR'] as const;

  expect(levels.map((level) => priority('LOCAL0', level))).toEqual([135, 134, 133, 132, 131]);
  expect(priority('DAEMON', 'ERR')).toBe(27);
  expect(Object.keys(facilities)).toHaveLength(20);
});
