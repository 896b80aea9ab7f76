import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Discovery } from '../../src/discovery/discovery.js';
import type { FoundHost } from '../../src/discovery/message.js';
import { poll } from '../../src/discovery/poll.js';

/** The network is left out: one call asks once over each family. */
vi.mock('../../src/discovery/poll.js', () => ({ poll: vi.fn() }));
vi.mock('../../src/discovery/responder.js', () => ({
  Responder: { start: async () => ({ stop: () => {} }) },
}));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const self = { host: '127.0.0.1', port: 7946 };

/** How often each of ten minutes was asked in, the network having these hosts. */
async function asked(found: readonly FoundHost[]): Promise<number[]> {
  const asking = vi.mocked(poll).mockReset().mockResolvedValue({ found, failures: [] });
  const discovery = await Discovery.start({
    config: {
      discover: 'test',
      node: 'a',
      bind: self,
      mdns: { interface: undefined, disableIPv4: false, disableIPv6: false },
      replayOnJoin: false,
    },
    self,
    alive: () => [self],
    join: () => Promise.reject(new Error('nobody answers')),
    log: () => {},
  });
  const minutes: number[] = [];
  for (let minute = 0; minute < 10; minute += 1) {
    const before = asking.mock.calls.length - (minute === 0 ? 1 : 0);
    await vi.advanceTimersByTimeAsync(60_000);
    minutes.push(asking.mock.calls.length - before);
  }
  discovery.stop();
  return minutes;
}

test('an agent that is alone asks two or three times a minute, and never more', async () => {
  const minutes = await asked([self]);

  expect(Math.max(...minutes)).toBe(3);
  expect(Math.min(...minutes)).toBe(2);
});

test('one that has found somebody asks once a minute, even if nobody can be joined', async () => {
  const [first = 0, ...later] = await asked([{ host: '127.0.0.1', port: 7947 }]);

  expect(first).toBeLessThanOrEqual(2);
  expect(new Set(later)).toEqual(new Set([1]));
});
