import { formatGoDuration } from '../go-duration.js';
import type { ProcessEnd } from '../processes/managed-process.js';

/** Go's words for signals, which operators of Serf search their logs for. */
const signalWords: Partial<Record<NodeJS.Signals, string>> = {
  SIGHUP: 'hangup',
  SIGINT: 'interrupt',
  SIGQUIT: 'quit',
  SIGILL: 'illegal instruction',
  SIGTRAP: 'trace/breakpoint trap',
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGKILL: 'killed',
  SIGUSR1: 'user defined signal 1',
  SIGSEGV: 'segmentation fault',
  SIGUSR2: 'user defined signal 2',
  SIGPIPE: 'broken pipe',
  SIGALRM: 'alarm clock',
  SIGTERM: 'terminated',
};

/** Why a script failed, as Serf writes it (spec/07 §15.7); undefined when it did not. */
export function failureText(end: ProcessEnd, program: string): string | undefined {
  switch (end.type) {
    case 'exited':
      return end.code === 0 ? undefined : `exit status ${end.code}`;
    case 'signalled':
      return `signal: ${signalWords[end.signal] ?? end.signal}`;
    case 'timed out':
      return `ended, as it ran longer than ${formatGoDuration(end.afterMs)}`;
    case 'not started':
      return `fork/exec ${program}: ${end.reason}`;
    case 'abandoned':
      return undefined;
    default:
      return end satisfies never;
  }
}
