import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ManagedProcess, type ProcessOptions } from '../../src/processes/managed-process.js';
import { PipeMaker, type StandardPipes } from '../../src/processes/pipe-maker.js';
import { shellProgram } from '../../src/processes/program.js';
import { eventually } from '../running.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tserf-processes-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A maker that has none: what runs elsewhere than on Linux. */
class NoPipes extends PipeMaker {
  override make(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

const channels: [string, () => PipeMaker][] = [['sockets', () => new NoPipes()]];
if (process.platform === 'linux') channels.unshift(['pipes', () => new PipeMaker()]);

describe.each(channels)('over %s', (kind, makePipes) => {
  const pipes = makePipes();
  afterAll(() => pipes.close());
  const started: ManagedProcess[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((child) => child.stop()));
  });

  function start(script: string, options: Partial<ProcessOptions> = {}): ManagedProcess {
    const child = new ManagedProcess(
      {
        program: shellProgram(script),
        environment: process.env,
        input: new Uint8Array(),
        outputLimitBytes: 8_192,
        group: 'shared',
        ...options,
      },
      pipes,
    );
    started.push(child);
    return child;
  }

  async function run(script: string, options: Partial<ProcessOptions> = {}) {
    const { end, output, writtenBytes, inputError } = await start(script, options).result;
    return { end, output: Buffer.from(output).toString(), writtenBytes, inputError };
  }

  test('input goes in, output and errors come out in the order in which they were written', async () => {
    const script = 'cat; for i in 1 2 3; do echo out$i; echo err$i >&2; done; exit 3';

    expect(await run(script, { input: Buffer.from('a\0b\n') })).toEqual({
      end: { type: 'exited', code: 3 },
      output: 'a\0b\nout1\nerr1\nout2\nerr2\nout3\nerr3\n',
      writtenBytes: 34,
      inputError: undefined,
    });
  });

  test('the shell is /bin/sh, without arguments', async () => {
    expect(await run('echo "$0 $#"')).toMatchObject({ output: '/bin/sh 0\n' });
  });

  test('a signal is told by its name', async () => {
    expect(await run('kill -SEGV $$')).toMatchObject({
      end: { type: 'signalled', signal: 'SIGSEGV' },
    });
  });

  test('a missing command is the shell’s own message and status', async () => {
    const { end, output } = await run('/nonexistent/command');

    expect(end).toEqual({ type: 'exited', code: 127 });
    expect(output).toContain('not found');
  });

  test('a program without a shell gets its arguments as they are', async () => {
    const program = { file: 'printf', args: ['%s|', 'a b', '$HOME', '*'] };

    expect(await run('', { program })).toMatchObject({ output: 'a b|$HOME|*|' });
  });

  test('ten megabytes of output leave their last bytes and their number', async () => {
    const { output, writtenBytes } = await run('yes 0123456 | head -c 10000000; echo; echo end');

    expect(writtenBytes).toBe(10_000_005);
    expect(output).toHaveLength(8_192);
    expect(output.endsWith('\nend\n')).toBe(true);
  });

  test('input that nobody reads harms nobody, however much it is', async () => {
    const input = new Uint8Array(1_000_000);

    expect(await run('echo done', { input })).toMatchObject({
      end: { type: 'exited', code: 0 },
      output: 'done\n',
    });
    expect(await run('exec 0<&-; sleep 0.2; echo done', { input })).toMatchObject({
      output: 'done\n',
      inputError: 'broken pipe',
    });
  });

  test('a megabyte of input arrives whole', async () => {
    expect(await run('wc -c', { input: new Uint8Array(1_000_000) })).toMatchObject({
      output: '1000000\n',
    });
  });

  test('a variable with a NUL byte is no start', async () => {
    const { end } = await run('true', { environment: { A: 'x\0y' } });

    expect(end).toEqual({ type: 'not started', reason: 'environment variable contains NUL' });
  });

  test('an unknown program is no start, or the shell’s message', async () => {
    const { end } = await run('', { program: { file: '/nonexistent/program', args: [] } });

    expect(end).toEqual(
      kind === 'pipes'
        ? { type: 'not started', reason: 'no such file or directory' }
        : { type: 'exited', code: 127 },
    );
  });

  test('in the shared group, the output’s end is waited for', async () => {
    const { output } = await run('(sleep 0.5; echo late) & echo early');

    expect(output).toBe('early\nlate\n');
  });

  test('abandoned, it goes on without us', async () => {
    const file = join(folder, `abandoned-${kind}`);
    const child = start(`echo begun >${file}; sleep 0.5; echo over >>${file}`);
    await eventually(() => existsSync(file));

    child.abandon();

    expect(await child.result).toMatchObject({ end: { type: 'abandoned' } });
    await eventually(() => readFileSync(file, 'utf8') === 'begun\nover\n');
  });

  test('in a group of its own, a grandchild that holds the output is neither waited for nor left', async () => {
    const file = join(folder, `grandchild-${kind}`);
    const script = `(echo $$ >/dev/null; exec sleep 60) & echo $! >${file}; echo fg`;

    const child = start(script, { group: 'own' });

    const { end, output } = await child.result;
    expect(end).toEqual({ type: 'exited', code: 0 });
    expect(Buffer.from(output).toString()).toBe('fg\n');
    await eventually(() => !isRunning(Number(readFileSync(file, 'utf8'))));
  });

  test.each(['own', 'shared'] as const)(
    'past its time, all of its group is ended, whatever it ignores (%s)',
    async (group) => {
      const file = join(folder, `timeout-${kind}-${group}`);
      const script = `trap '' TERM; sleep 60 & echo $! >${file}; echo waiting; sleep 60; sleep 60`;

      const { end, output } = await run(script, { group, timeoutMs: 500 });

      expect(end).toEqual({ type: 'timed out', afterMs: 500 });
      expect(output).toContain('waiting\n');
      await eventually(() => !isRunning(Number(readFileSync(file, 'utf8'))));
    },
  );

  test('stopped, it and all of its group are gone, even before it has begun', async () => {
    const file = join(folder, `stopped-${kind}`);
    const running = start(`sleep 60 & echo $! >${file}; wait`, { group: 'own' });
    await eventually(() => existsSync(file) && readFileSync(file, 'utf8') !== '');
    const starting = start('sleep 60', { group: 'own' });

    await Promise.all([running.stop(), starting.stop(), running.stop()]);

    expect(isRunning(Number(readFileSync(file, 'utf8')))).toBe(false);
    expect(await running.result).toMatchObject({ end: { type: 'signalled' } });
  });

  test('many at once do not mix up', async () => {
    const runs = Array.from({ length: 20 }, (_, index) =>
      run('cat', { input: Buffer.from(`number ${index}`) }),
    );

    const outputs = (await Promise.all(runs)).map(({ output }) => output);

    expect(outputs).toEqual(Array.from({ length: 20 }, (_, index) => `number ${index}`));
  });

  if (kind === 'pipes') {
    test('the standard channels are pipes that can be opened by name', async () => {
      const script =
        'cat /dev/stdin; echo err >/dev/stderr; echo out >/dev/stdout; test -p /dev/stdin && echo pipe';

      expect(await run(script, { input: Buffer.from('in\n') })).toMatchObject({
        output: 'in\nerr\nout\npipe\n',
      });
    });

    test('a maker that dies is replaced, and one that is closed is none', async () => {
      const maker = new PipeMaker();
      closeAll(await maker.make());

      for (const pid of makersOfThisProcess()) process.kill(pid, 'SIGKILL');

      await eventually(async () => closeAll(await maker.make()));
      maker.close();
      expect(await maker.make()).toBeUndefined();
    });
  }
});

function isRunning(pid: number): boolean {
  try {
    // A process that ended and that nobody has collected yet is still there, as a zombie.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function closeAll(pipes: StandardPipes | undefined): boolean {
  for (const descriptor of Object.values(pipes ?? {})) closeSync(descriptor);
  return pipes !== undefined;
}

function makersOfThisProcess(): number[] {
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)]);
  return [...String(children).matchAll(/^\s*(\d+) \/bin\/sh -c trap ''/gm)].map(([, pid]) =>
    Number(pid),
  );
}
