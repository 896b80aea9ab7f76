import type { EventRecord } from '@tserf/client';
import { logLevels } from '../choices.js';
import { defineCommand } from '../command.js';
import { text } from '../flags.js';
import { showText } from '../format/show.js';
import { type Io, printLine } from '../io.js';
import { formatFlag, refuseFormat } from '../output.js';
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
    'log-level': text(
      'LEVEL',
      'Lowest level to show: trace, debug, info, warn or err.',
      'INFO',
      logLevels,
    ),
    ...formatFlag,
    ...rpcFlags,
  },
  examples: [
    ['tserf monitor -log-level=debug', 'All that happens, with the details.'],
    ['tserf monitor -format=json | jq -c \'select(.event == "user")\'', 'Events, for a script.'],
  ],
  async run(context) {
    const refusal = refuseFormat(context);
    if (refusal !== undefined) return refusal;
    const print = await loadPrinter(context.flags.format);
    return withAgent(context, 'Error starting stream', async (client, agentWatch) => {
      const events = await client.stream('*');
      let log: RecordSource<string>;
      try {
        log = await client.monitor(context.flags['log-level']);
      } catch (error) {
        return printFailure(context.io, 'Error starting monitor', failureText(error));
      }
      // Nothing may happen for days; and each look would be a line in the log that is shown.
      agentWatch.stop();
      return watch(events, log, print, context.io);
    });
  },
});

interface Printer {
  log(line: string): string;
  event(event: EventRecord): string;
}

/** Text as Serf's, or one JSON document in each line. */
async function loadPrinter(format: string): Promise<Printer> {
  if (format === 'text') {
    const { formatEvent } = await import('../format/event.js');
    return { log: showText, event: formatEvent };
  }
  const [{ formatJsonLine }, { eventJson }] = await Promise.all([
    import('../format/json.js'),
    import('../format/event-json.js'),
  ]);
  return {
    log: (line) => formatJsonLine({ log: line }),
    event: (event) => formatJsonLine(eventJson(event)),
  };
}

/** Prints what comes until Ctrl-C (exit code 0) or until the agent is gone (1). */
async function watch(
  events: Awaited<ReturnType<RpcClient['stream']>>,
  log: RecordSource<string>,
  print: Printer,
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
  const ends = await Promise.allSettled([printAll(log, print.log), printAll(events, print.event)]);
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
