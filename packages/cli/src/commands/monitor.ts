import { defineCommand } from '../command.js';
import { text } from '../flags.js';
import { formatEvent } from '../format/event.js';
import { showText } from '../format/quote.js';
import { type Io, printLine } from '../io.js';
import {
  failureText,
  printFailure,
  type RecordSource,
  type RpcClient,
  rpcFlags,
  withAgent,
} from '../rpc.js';

export const monitor = defineCommand({
  usage: 'monitor [options]',
  description: [
    "Shows the agent's log, starting with its last lines, and the cluster's events in between, until it is stopped with Ctrl-C.",
  ],
  flags: {
    'log-level': text('LEVEL', 'Lowest level to show: trace, debug, info, warn or err.', 'INFO'),
    ...rpcFlags,
  },
  examples: [['tserf monitor -log-level=debug', 'All that happens, with the details.']],
  run(context) {
    return withAgent(context, 'Error starting stream', async (client) => {
      const events = await client.stream('*');
      let log: RecordSource<string>;
      try {
        log = await client.monitor(context.flags['log-level']);
      } catch (error) {
        return printFailure(context.io, 'Error starting monitor', failureText(error));
      }
      return watch(events, log, context.io);
    });
  },
});

/** Prints what comes until Ctrl-C (exit code 0) or until the agent is gone (1). */
async function watch(
  events: Awaited<ReturnType<RpcClient['stream']>>,
  log: RecordSource<string>,
  io: Io,
): Promise<number> {
  let isStopped = false;
  const ignoreSignal = io.onSignal('SIGINT', () => {
    isStopped = true;
    // From now on Ctrl-C has its usual effect: an agent that hangs must not hold anybody here.
    ignoreSignal();
    void Promise.allSettled([log.stop(), events.stop()]);
  });
  const printAll = async <T>(source: RecordSource<T>, format: (record: T) => string) => {
    for await (const record of source) {
      if (isStopped) break;
      printLine(io.stdout, format(record));
    }
  };

  // Both to their end: what had arrived before the connection was lost is worth seeing.
  const ends = await Promise.allSettled([printAll(log, showText), printAll(events, formatEvent)]);
  if (isStopped) return 0;
  ignoreSignal();
  for (const end of ends) {
    if (end.status === 'rejected') failureText(end.reason);
  }
  printLine(io.stdout, `\n${REMOTE_ENDED}`);
  return 1;
}

const REMOTE_ENDED =
  'Remote side ended the monitor! This usually means that the\nremote side has exited or crashed.';
