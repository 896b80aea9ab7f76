import type { FileHandle } from 'node:fs/promises';

type Files = typeof import('node:fs/promises');
type Step = 'open' | 'write' | 'rename';

let refuse: (step: Step, path: string) => string | undefined = () => undefined;

/** From now on the file system answers with the code that `answer` returns, if any. Without one, all is well again. */
export function failWith(answer: typeof refuse = () => undefined): void {
  refuse = answer;
}

/**
 * The real file system, but for what `failWith` says. A write that fails has written half of its text before: so does a
 * disk on its last block.
 * It takes the place of `node:fs/promises` by `vi.mock`.
 */
export function failingFiles(real: Files): Files {
  return {
    ...real,
    open: async (path, flags, mode) => {
      check('open', String(path));
      return failing(await real.open(path, flags, mode), String(path));
    },
    rename: async (from, to) => {
      check('rename', String(to));
      return real.rename(from, to);
    },
    writeFile: async (path, data, options) => {
      check('open', String(path));
      const half = String(data).slice(0, String(data).length / 2);
      await halfway(String(path), () => real.writeFile(path, half));
      return real.writeFile(path, data, options);
    },
  };
}

function failing(file: FileHandle, path: string): FileHandle {
  for (const name of ['writeFile', 'appendFile'] as const) {
    const write = file[name].bind(file);
    file[name] = async (data, options) => {
      await halfway(path, () => write(String(data).slice(0, String(data).length / 2)));
      return write(data, options);
    };
  }
  return file;
}

async function halfway(path: string, writeHalf: () => Promise<void>): Promise<void> {
  const code = refuse('write', path);
  if (code === undefined) return;
  await writeHalf();
  throw systemError(code);
}

function check(step: Step, path: string): void {
  const code = refuse(step, path);
  if (code !== undefined) throw systemError(code);
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code });
}
