import type { Client, EventRecord, QueryUpdate } from '@tserf/client';
import type { CommandContext } from './command.js';
import { duration, type FlagTable, type FlagValues, text } from './flags.js';
import { parseDurationNanoseconds } from './format/go-number.js';
import { showText, showValue } from './format/show.js';
import { type Io, printLine } from './io.js';
import { type AgentWatch, isSilence, nothingFor, watchAgent } from './liveness.js';

/** What an agent pushes: read with `for await`, ended by `stop`. */
export interface RecordSource<T> extends AsyncIterable<T> {
  stop(): Promise<void>;
}

/** What commands use of a client; tests hand in another. */
export interface RpcClient
  extends Pick<
    Client,
    | 'membersFiltered'
    | 'members'
    | 'join'
    | 'leave'
    | 'forceLeave'
    | 'event'
    | 'updateTags'
    | 'installKey'
    | 'useKey'
    | 'removeKey'
    | 'listKeys'
    | 'getCoordinate'
    | 'stats'
    | 'close'
  > {
  monitor(logLevel: string): Promise<RecordSource<string>>;
  stream(filter: string): Promise<RecordSource<EventRecord>>;
  query(...asked: Parameters<Client['query']>): Promise<RecordSource<QueryUpdate>>;
}

export interface RpcTarget {
  /** `HOST:PORT` of the agent's RPC. */
  readonly address: string;
  /** Empty when the agent asks for none. */
  readonly authKey: string;
  /** How long an agent that says nothing is waited for, until it has let us in; 0 is for ever. */
  readonly timeoutMs: number;
  /** How long any answer may take; 0 as long as the agent is alive. */
  readonly replyTimeoutMs: number;
}

export type Connect = (target: RpcTarget) => Promise<RpcClient>;

/** Connects over the network. The client's code is loaded here, by the commands that need it. */
export const connectToAgent: Connect = async ({ address, authKey, timeoutMs, replyTimeoutMs }) => {
  const { Client } = await import('@tserf/client');
  return Client.connect({
    address,
    authKey,
    connectTimeoutMs: timeoutMs === 0 ? Number.POSITIVE_INFINITY : timeoutMs,
    ...(replyTimeoutMs === 0 ? {} : { replyTimeoutMs }),
  });
};

/** The flags of every command that talks to an agent (spec/06 §1.3). */
export const rpcFlags = {
  'rpc-addr': text(
    'HOST:PORT',
    "Address of the agent's RPC. Default: $TSERF_RPC_ADDR, else $SERF_RPC_ADDR, else 127.0.0.1:7373.",
  ),
  'rpc-auth': text(
    'TOKEN',
    "The agent's RPC token. Default: $TSERF_RPC_AUTH, else $SERF_RPC_AUTH, else none.",
  ),
  'rpc-timeout': duration(
    'DURATION',
    'How long to wait for an answer of the agent; 0 is for ever. Default: $TSERF_RPC_TIMEOUT, else 10s, but as long as it takes while the agent is seen to be alive.',
  ),
} satisfies FlagTable;

const DEFAULT_ADDRESS = '127.0.0.1:7373';

/**
 * Serf's limit for a connection: an agent that is alive answers in milliseconds. But a leave or a join takes its time,
 * and must not be ended by what nobody asked for.
 */
export const defaultPatience = { timeoutMs: 10_000, replyTimeoutMs: 0 } as const;

type TargetResult =
  | ({ readonly ok: true } & RpcTarget)
  | { readonly ok: false; readonly problem: string };

/**
 * Where to connect to: a flag beats the environment even when it is empty, an empty variable there counts as none.
 * `TSERF_…` goes first so that both programs can be used from one shell with agents of their own.
 */
export function rpcTarget(flags: FlagValues<typeof rpcFlags>, env: Io['env']): TargetResult {
  const timeout = givenTimeoutMs(flags['rpc-timeout'], env['TSERF_RPC_TIMEOUT']);
  if (!timeout.ok) return timeout;
  return {
    ok: true,
    address:
      flags['rpc-addr'] ?? (env['TSERF_RPC_ADDR'] || env['SERF_RPC_ADDR'] || DEFAULT_ADDRESS),
    authKey: flags['rpc-auth'] ?? (env['TSERF_RPC_AUTH'] || env['SERF_RPC_AUTH'] || ''),
    timeoutMs: timeout.ms ?? defaultPatience.timeoutMs,
    replyTimeoutMs: timeout.ms ?? defaultPatience.replyTimeoutMs,
  };
}

type TimeoutResult =
  | { readonly ok: true; readonly ms: number | undefined }
  | { readonly ok: false; readonly problem: string };

function givenTimeoutMs(flag: number | undefined, variable: string | undefined): TimeoutResult {
  let nanoseconds = flag;
  if (flag === undefined && variable) {
    nanoseconds = parseDurationNanoseconds(variable);
    if (nanoseconds === undefined) {
      const problem = `$TSERF_RPC_TIMEOUT: "${showValue(variable)}" is no duration such as 10s`;
      return { ok: false, problem };
    }
  }
  if (nanoseconds === undefined) return { ok: true, ms: undefined };
  if (nanoseconds < 0) return { ok: false, problem: 'the RPC timeout cannot be negative' };
  return { ok: true, ms: nanoseconds / 1e6 };
}

/** Prints an error as Serf's commands do, on stdout, and returns the exit code. */
export function printFailure(io: Io, prefix: string, reason: string): number {
  printLine(io.stdout, `${prefix}: ${showText(reason)}`);
  return 1;
}

const RPC_ERRORS: ReadonlySet<string> = new Set(['RpcError', 'KeyError']);

/** What went wrong with the agent, for people; any other error is a bug of ours and goes on. */
export function failureText(error: unknown): string {
  // By name: the classes are in the client's code, which this file doesn't load.
  if (error instanceof Error && RPC_ERRORS.has(error.name)) return error.message;
  throw error;
}

/**
 * Runs `use` with a connection and closes it in the end. A connection that can't be made is answered here; so is a
 * request that fails, with `failure` as the prefix, and an agent that falls silent, such as a suspended one.
 */
export async function withAgent(
  { flags, io, connect }: Pick<CommandContext<typeof rpcFlags>, 'flags' | 'io' | 'connect'>,
  failure: string,
  use: (client: RpcClient, watch: AgentWatch) => Promise<number>,
): Promise<number> {
  const target = rpcTarget(flags, io.env);
  if (!target.ok) return printFailure(io, 'Error', target.problem);
  let client: RpcClient;
  try {
    client = await connect(target);
  } catch (error) {
    const text = failureText(error);
    // A suspended agent's system takes the connection all the same.
    const reason = isSilence(error) ? `the agent does not answer ${nothingFor(target)}` : text;
    const code = printFailure(io, 'Error connecting to Serf agent', reason);
    // For people: who reads by program gets Serf's words alone.
    if (io.stderr.isTTY === true && /connection refused$/.test(text)) {
      printLine(
        io.stderr,
        `No agent listens there: start one with "tserf agent", or say where it is with -rpc-addr or $TSERF_RPC_ADDR`,
      );
    }
    return code;
  }
  const watch = watchAgent(client, { target, connect });
  try {
    const code = await use(client, watch);
    if (watch.silence === undefined) return code;
    // What had come was shown as if the agent had ended; that it only hangs is worth a word beside it.
    printLine(io.stderr, `${failure}: ${watch.silence}`);
    return 1;
  } catch (error) {
    return printFailure(io, failure, watch.silence ?? failureText(error));
  } finally {
    watch.stop();
    await client.close();
  }
}
