import { readFileSync } from 'node:fs';
import { configJsonSchema } from '@tserf/agent';
import { describe, expect, test } from 'vitest';
import { agentFlagTable } from '../src/commands/agent-flags.js';

/*
 * docs/agent-options.md, held to the code: every key and flag has its row, with its default and whether it is reloaded.
 */

const page = readFileSync(new URL('../../../docs/agent-options.md', import.meta.url), 'utf8');

interface Row {
  readonly key: string;
  readonly flag: string;
  readonly fallback: string;
  readonly marks: string;
}

const rows: readonly Row[] = page.split('\n').flatMap((line) => {
  const [, key = '', flag = '', fallback = '', marks = '', meaning] = line.split(/ ?\| ?/);
  const name = /^`([\w.$]+)`$/.exec(key)?.[1];
  return name === undefined || meaning === undefined ? [] : [{ key: name, flag, fallback, marks }];
});

interface Schema {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

async function keysOfSchema(): Promise<Map<string, Schema>> {
  const { properties = {} } = (await configJsonSchema()) as Schema;
  const { mdns, ...others } = properties;
  const ofMdns = Object.entries(mdns?.properties ?? {});
  return new Map([
    ...Object.entries(others),
    ...ofMdns.map(([key, schema]) => [`mdns.${key}`, schema] as const),
  ]);
}

const withoutEffect = ['$schema', 'validate_node_names', 'MsgpackUseNewTimeFormat'];

describe('the page of options', () => {
  test('has a row for every key, and no other', async () => {
    const keys = [...(await keysOfSchema()).keys()].filter((key) => !withoutEffect.includes(key));

    expect(rows.map(({ key }) => key).sort()).toEqual(keys.sort());
    for (const key of withoutEffect) expect(page).toContain(`\`${key}\``);
  });

  test('has every flag', () => {
    const named = rows.flatMap(({ flag }) => /^`-([\w-]+)/.exec(flag)?.[1] ?? []);

    expect([...named, 'config-file', 'config-dir'].sort()).toEqual(
      Object.keys(agentFlagTable).sort(),
    );
  });

  test('has the default of every key that has one', async () => {
    for (const [key, schema] of await keysOfSchema()) {
      if (schema.default === undefined || withoutEffect.includes(key)) continue;
      expect(rows.find((row) => row.key === key)?.fallback, key).toBe(`\`${schema.default}\``);
    }
  });

  test('leaves the keys of an entry of `handlers` to the page on handlers, which has them all', async () => {
    const handlers = readFileSync(new URL('../../../docs/handlers.md', import.meta.url), 'utf8');
    const { retry, ...others } = (await keysOfSchema()).get('handlers')?.items?.properties ?? {};
    const ofRetry = Object.keys(retry?.properties ?? {}).map((key) => `retry.${key}`);
    expect(ofRetry).not.toEqual([]);

    const row = [...handlers.matchAll(/^\| (`[^|]*`) \|/gm)].map(([, keys]) => keys).join();
    for (const key of [...Object.keys(others), ...ofRetry]) expect(row).toContain(`\`${key}\``);
  });

  test('marks what a reload takes over', () => {
    const marked = rows.filter(({ marks }) => marks.includes('R')).map(({ key }) => key);

    expect(marked.sort()).toEqual(
      [
        ...['event_handler_timeout', 'event_handlers', 'handlers', 'leave_on_terminate'],
        ...['log_level', 'role', 'skip_leave_on_interrupt', 'tags'],
      ].sort(),
    );
  });
});
