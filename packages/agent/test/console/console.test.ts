import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../src/config/agent-config.js';
import { bannerLines } from '../../src/console/banner.js';
import { Console } from '../../src/console/console.js';
import { logRecord } from '../../src/log-record.js';

const noon = new Date(2026, 10, 3, 12, 7, 6);

function recorder(): { readonly console: Console; text(): string } {
  const written: string[] = [];
  return {
    console: new Console({ write: (text) => written.push(text) }),
    text: () => written.join(''),
  };
}

test('a record has local time to the second, its level and its text', () => {
  expect(logRecord('INFO', 'agent: Serf agent starting', noon).line).toBe(
    '2026/11/03 12:07:06 [INFO] agent: Serf agent starting',
  );
});

describe('the console', () => {
  test('prefixes the first line of a message only, and nothing of an empty line', () => {
    const { console, text } = recorder();

    console.output('1 error occurred:\n\t* no');
    console.info('Join completed.');
    console.info('');

    expect(text()).toBe('==> 1 error occurred:\n\t* no\n    Join completed.\n\n');
  });

  test('holds records back until the banner is out, then shows them as they come', () => {
    const { console, text } = recorder();
    console.log(logRecord('INFO', 'agent: one', noon));
    console.output('banner');
    expect(text()).toBe('==> banner\n');

    console.releaseLog();
    console.log(logRecord('INFO', 'agent: two\nand more\n', noon));

    expect(text()).toBe(
      '==> banner\n    2026/11/03 12:07:06 [INFO] agent: one\n    2026/11/03 12:07:06 [INFO] agent: two\nand more\n',
    );
  });

  test('shows no record below its level', () => {
    const { console, text } = recorder();
    console.minimum = 'WARN';
    console.releaseLog();

    for (const level of ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERR'] as const) {
      console.log(logRecord(level, 'x', noon));
    }

    expect(text().match(/\[[A-Z]+\]/g)).toEqual(['[WARN]', '[ERR]']);
  });

  test('of a failed start, shows the warnings that were held and then why it failed', () => {
    const { console, text } = recorder();
    console.log(logRecord('INFO', 'agent: Serf agent starting', noon));
    console.log(
      logRecord('WARN', 'memberlist: Binding to public address without encryption!', noon),
    );
    console.log(
      logRecord(
        'WARN',
        'agent: error joining: 1 error occurred:\n\t* failed to join a: refused\n\n',
        noon,
      ),
    );

    console.fail('1 error occurred:\n\t* failed to join a: refused\n');

    expect(text()).toBe(
      '    2026/11/03 12:07:06 [WARN] memberlist: Binding to public address without encryption!\n' +
        '==> 1 error occurred:\n\t* failed to join a: refused\n\n',
    );
  });
});

describe('the banner', () => {
  test("has Serf's bytes", () => {
    const lines = bannerLines({
      ...defaultConfig,
      node: 'web-1',
      bind: { host: '127.0.0.1', port: 7946 },
      advertise: { host: '10.1.2.3', port: 7946 },
      keyringFile: 'keyring.json',
      snapshotPath: 'serf.snapshot',
    });

    expect(lines.map((line) => `    ${line}\n`).join('')).toBe(
      "                      Node name: 'web-1'\n" +
        "                      Bind addr: '127.0.0.1:7946'\n" +
        "    Advertise addr: '10.1.2.3:7946'\n" +
        "                       RPC addr: '127.0.0.1:7373'\n" +
        '                      Encrypted: true\n' +
        '                       Snapshot: true\n' +
        '                        Profile: lan\n' +
        '    Message Compression Enabled: true\n',
    );
  });

  test('shows the configured addresses: port 0, every address, IPv6 in brackets', () => {
    const shown = (host: string, port: number): string | undefined =>
      bannerLines({ ...defaultConfig, node: 'a', bind: { host, port } })[1]?.trim();

    expect(shown('127.0.0.1', 0)).toBe("Bind addr: '127.0.0.1:0'");
    expect(shown('', 9000)).toBe("Bind addr: ':9000'");
    expect(shown('::1', 7946)).toBe("Bind addr: '[::1]:7946'");
  });
});
