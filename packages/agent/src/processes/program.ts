/** What is started: a file, found as the system finds it, and its arguments. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/** Where every system but Windows has its shell. */
export const shell = '/bin/sh';

/** Runs a text as the system's shell does: pipes, redirections and `;` work, and there are no positional arguments. */
export function shellProgram(script: string): Program {
  return process.platform === 'win32'
    ? { file: 'cmd', args: ['/C', script] }
    : { file: shell, args: ['-c', script] };
}

/**
 * The same program with its standard error going where its standard output goes, so that both keep their order where
 * Node can only give it two channels. It is replaced in place: process number, exit status and messages stay its own.
 */
export function withOneOutput({ file, args }: Program): Program {
  return { file: shell, args: ['-c', 'exec "$0" "$@" 2>&1', file, ...args] };
}
