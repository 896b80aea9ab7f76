import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEventHandler } from '../../src/handlers/event-handler.js';
import { OrderedScripts, type OrderedScriptsOptions } from '../../src/handlers/ordered-scripts.js';
import type { RunningScript, ScriptOutcome, ScriptRun } from '../../src/handlers/script-runner.js';
import { userEvent } from '../events.js';

/** Scripts that run until they are told to end. What happened is told as `a(1)` for a start and `a(1).` for an end. */
class Scripts {
  readonly happened: string[] = [];
  readonly log: string[] = [];
  readonly ordered: OrderedScripts;
  readonly #ends = new Map<string, () => void>();

  /** As `user:x=a`: a script is a letter here. */
  constructor(
    handlers: readonly string[],
    options: OrderedScriptsOptions = { patienceMs: 20, hungMs: Number.POSITIVE_INFINITY },
  ) {
    const host = {
      localNode: () => ({ name: 'n', tags: {} }),
      respond: () => Promise.resolve(),
      log: (level: string, text: string) => this.log.push(`[${level}] ${text}`),
    };
    this.ordered = new OrderedScripts(host, { start: (run) => this.#start(run) }, options);
    this.replace(handlers);
  }

  replace(handlers: readonly string[]): void {
    this.ordered.replace(handlers.flatMap(parseEventHandler));
  }

  /** `x1` is an event of the name x. */
  take(...events: string[]): void {
    for (const event of events) {
      this.ordered.take(userEvent(event.slice(0, 1), { ltime: Number(event.slice(1)) }));
    }
  }

  async end(...runs: string[]): Promise<void> {
    for (const run of runs) {
      this.#ends.get(run)?.();
      this.#ends.delete(run);
      await nextTurn();
    }
  }

  get running(): string[] {
    return [...this.#ends.keys()];
  }

  #start({ script, event }: ScriptRun): RunningScript {
    const run = `${script}(${event.type === 'user' ? event.ltime : ''})`;
    this.happened.push(run);
    const outcome = new Promise<ScriptOutcome>((resolve) => {
      this.#ends.set(run, () => {
        this.happened.push(`${run}.`);
        resolve('succeeded');
      });
    });
    return { outcome, process: { abandon: () => this.happened.push(`${run} abandoned`) } as never };
  }
}

const longerThanPatience = () => sleep(60);

describe('while scripts end in time', () => {
  test('one event follows another, and in each, one handler another', async () => {
    const scripts = new Scripts(['user=a', 'user:x=b'], {});

    scripts.take('x1', 'y2', 'x3');
    await scripts.end('a(1)', 'b(1)', 'a(2)', 'a(3)', 'b(3)');

    expect(scripts.happened.join(' ')).toBe(
      'a(1) a(1). b(1) b(1). a(2) a(2). a(3) a(3). b(3) b(3).',
    );
    expect(scripts.ordered.waiting).toBe(0);
  });
});

describe('a script that hangs', () => {
  test('holds up its own handler and those behind it in its event, and nobody else', async () => {
    const scripts = new Scripts(['user:x=a', 'user=b', 'user:z=c']);

    scripts.take('x1', 'y2', 'x3', 'z4');
    expect(scripts.running).toEqual(['a(1)']);
    await longerThanPatience();
    await scripts.end('b(2)', 'b(4)', 'c(4)');

    expect(scripts.happened.join(' ')).toBe('a(1) b(2) b(2). b(4) b(4). c(4) c(4).');
    expect(scripts.ordered.waiting).toBe(1);
    expect(scripts.log[0]).toBe(
      "[WARN] agent: Script 'a' still runs; other events no longer wait for it",
    );
  });

  test('and ends after all lets go on what waited for it, in order', async () => {
    const scripts = new Scripts(['user:x=a', 'user=b']);
    scripts.take('x1', 'x2', 'y3');
    await longerThanPatience();
    await scripts.end('b(3)');

    await scripts.end('a(1)', 'b(1)', 'a(2)', 'b(2)');

    expect(scripts.happened.join(' ')).toBe(
      'a(1) b(3) b(3). a(1). b(1) a(2) b(1). a(2). b(2) b(2).',
    );
    expect(scripts.ordered.waiting).toBe(0);
  });

  test('is passed by after a while, and its handler catches up', async () => {
    const scripts = new Scripts(['user=a', 'user=b'], { patienceMs: 0, hungMs: 20 });
    scripts.take('x1', 'x2');
    await longerThanPatience();
    scripts.take('x3');
    await scripts.end('b(2)', 'b(3)');
    expect(scripts.happened.join(' ')).toBe('a(1) b(2) b(2). b(3) b(3).');
    expect(scripts.ordered.waiting).toBe(2);

    await scripts.end('a(1)', 'a(2)', 'a(3)', 'b(1)');

    expect(scripts.happened.slice(5).join(' ')).toBe('a(1). b(1) a(2) a(2). a(3) a(3). b(1).');
    expect(scripts.ordered.waiting).toBe(0);
    expect(scripts.log).toContain(
      "[WARN] agent: Script 'a' seems to hang; other handlers go on without it",
    );
  });

  test('is known over a reload: its handler does not run twice', async () => {
    const scripts = new Scripts(['user:x=a']);
    scripts.take('x1');
    await longerThanPatience();

    scripts.replace(['user=b', 'user:x=a']);
    scripts.take('x2', 'y3');
    await scripts.end('b(2)', 'b(3)');

    expect(scripts.running).toEqual(['a(1)']);
    await scripts.end('a(1)');
    expect(scripts.running).toEqual(['a(2)']);
  });

  test('is abandoned at the end, and nothing follows', async () => {
    const scripts = new Scripts(['user=a']);
    scripts.take('x1', 'x2');

    scripts.ordered.stop();
    await scripts.end('a(1)');

    expect(scripts.happened).toEqual(['a(1)', 'a(1) abandoned', 'a(1).']);
  });
});

test('ten thousand events wait, no more than there is room for, and the rest is counted', async () => {
  const scripts = new Scripts(['user=a'], {
    patienceMs: 5,
    hungMs: Number.POSITIVE_INFINITY,
    queueLimit: 10_000,
  });

  scripts.take(...Array.from({ length: 10_051 }, (_, index) => `x${index + 1}`));
  expect(scripts.ordered.waiting).toBe(10_000);
  expect(scripts.ordered.counters.dropped).toBe(50);
  // All of them step aside one after another, behind the first.
  await longerThanPatience();
  expect(scripts.ordered.waiting).toBe(10_000);
  for (let event = 1; event <= 10_001; event += 1) await scripts.end(`a(${event})`);

  expect(scripts.happened).toHaveLength(2 * 10_001);
  expect(scripts.ordered.waiting).toBe(0);
  scripts.ordered.stop();
  expect(scripts.log).toEqual([
    '[WARN] agent: Dropping events for event handlers: too many wait',
    "[WARN] agent: Script 'a' still runs; other events no longer wait for it",
    '[WARN] agent: Dropped 50 events for event handlers',
  ]);
});

describe.each([
  { hungMs: Number.POSITIVE_INFINITY, order: (runs: string) => runs },
  { hungMs: 0, order: (runs: string) => [...runs].sort().join('') },
])('whatever hangs, with $hungMs ms until it is passed by', ({ hungMs, order }) => {
  test('no handler runs twice at once, nothing is lost, and each event has its order', async () => {
    const handlers = ['user:x=a', 'user=b', 'user:y=c', 'user:x=d'];
    const takers: Record<string, string> = { x: 'abd', y: 'bc', z: 'b' };
    const steps = fc.array(fc.oneof(fc.constantFrom('x', 'y', 'z'), fc.nat(5)), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(steps, async (todo) => {
        const scripts = new Scripts(handlers, { patienceMs: 0, hungMs });
        let last = 0;
        const taken: string[] = [];
        for (const step of todo) {
          if (typeof step === 'string') {
            last += 1;
            taken.push(`${step}${last}`);
            scripts.take(`${step}${last}`);
          } else {
            // Patience is over for whatever runs, and one of them ends.
            await sleep(2);
            await scripts.end(scripts.running[step % Math.max(1, scripts.running.length)] ?? '');
          }
          const letters = scripts.running.map((run) => run[0]);
          expect(new Set(letters).size).toBe(letters.length);
        }
        while (scripts.running.length > 0) {
          await scripts.end(...scripts.running);
          await sleep(2);
        }

        for (const event of taken) {
          const runs = scripts.happened.filter((run) => run.endsWith(`(${event.slice(1)})`));
          expect(order(runs.map((run) => run[0]).join(''))).toBe(takers[event[0] ?? '']);
        }
        expect(scripts.ordered.waiting).toBe(0);
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
