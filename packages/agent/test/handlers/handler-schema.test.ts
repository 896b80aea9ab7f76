import { describe, expect, test } from 'vitest';
import { handlerConfig } from '../../src/handlers/handler-config.js';
import { handlerSchema } from '../../src/handlers/handler-schema.js';

const read = (entry: unknown) => handlerConfig(handlerSchema.parse(entry));

describe('an entry of handlers:', () => {
  test('needs a script and an event, and gets its defaults', () => {
    expect(read({ script: './notify.sh', on: 'member-failed' })).toEqual({
      name: './notify.sh',
      script: './notify.sh',
      on: ['member-failed'],
      where: {},
      timeoutMs: undefined,
      concurrency: 1,
      queueLimit: 1_024,
      retry: { attempts: 0, delayMs: 1_000, longestDelayMs: 60_000 },
      outputLimitBytes: 8_192,
    });
  });

  test('takes everything that it may say', () => {
    const entry = {
      name: 'deploy',
      script: ['/usr/bin/deploy', '--now'],
      on: ['user:deploy', 'query'],
      where: { role: 'web|db' },
      timeout: '1m30s',
      concurrency: 4,
      queue: 10,
      retry: { attempts: 3, delay: '500ms', max_delay: '5s' },
      output_limit: 1_048_576,
    };

    expect(read(entry)).toEqual({
      name: 'deploy',
      script: ['/usr/bin/deploy', '--now'],
      on: ['user:deploy', 'query'],
      where: { role: 'web|db' },
      timeoutMs: 90_000,
      concurrency: 4,
      queueLimit: 10,
      retry: { attempts: 3, delayMs: 500, longestDelayMs: 5_000 },
      outputLimitBytes: 1_048_576,
    });
  });

  test.each([
    [{ on: '*' }, 'script'],
    [{ script: '', on: '*' }, 'script'],
    [{ script: [], on: '*' }, 'script'],
    [{ script: 'x' }, 'on'],
    [{ script: 'x', on: [] }, 'on'],
    [{ script: 'x', on: 'member-joined' }, 'on'],
    [{ script: 'x', on: ['user', ' query'] }, 'on'],
    [{ script: 'x', on: '*', timeout: 5 }, 'timeout'],
    [{ script: 'x', on: '*', timeout: '-5s' }, 'timeout'],
    [{ script: 'x', on: '*', concurrency: 0 }, 'concurrency'],
    [{ script: 'x', on: '*', queue: -1 }, 'queue'],
    [{ script: 'x', on: '*', retry: { attempts: 1.5 } }, 'retry'],
    [{ script: 'x', on: '*', retry: { tries: 1 } }, 'retry'],
    [{ script: 'x', on: '*', where: { role: 1 } }, 'where'],
    [{ script: 'x', on: '*', time_out: '5s' }, undefined],
  ])('%j is refused at its key', (entry, key) => {
    const { error } = handlerSchema.safeParse(entry);

    expect(error?.issues.map(({ path }) => path[0])).toEqual([key]);
  });
});
