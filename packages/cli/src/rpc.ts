import type { Client, EventRecord } from '@tserf/client';
import type { CommandContext } from './command.js';
import { type FlagTable, text } from './flags.js';
import { showText } from './format/quote.js';
import { type Io, printLine } from './io.js';

/** What an agent pushes: read with `for await`, ended by `stop`. */
export interface RecordSource<T> extends AsyncIterable<T> {
  stop(): Promise<void>;
}

/** What commands use of a client; tests hand in another. */
export interface RpcClient
  extends Pick<
    Client,
    'membersFiltered' | 'members' | 'join' | 'leave' | 'forceLeave' | 'stats' | 'close'
  > {
  monitor(logLevel: string): Promise<RecordSource<string>>;
  stream(filter: string): Promise<RecordSource<EventRecord>>;
}

export interface RpcTarget {
  /** `HOST:PORT` of the agent's RPC. */
  readonly address: string;
  /** Empty when the agent asks for none. */
  readonly authKey: string;
}

export type Connect = (target: RpcTarget) => Promise<RpcClient>;

/** Connects over the network. The client's code is loaded here, by the commands that need it. */
export const connectToAgent: Connect = async (target) => {
  const { Client } = await import('@tserf/client');
  return Client.connect(target);
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
} satisfies FlagTable;

const DEFAULT_ADDRESS = '127.0.0.1:7373';

/**
 * Where to connect to: a flag beats the environment even when it is empty, an empty address there counts as none.
 * `TSERF_…` goes first so that both programs can be used from one shell with agents of their own.
 */
function rpcTarget(
  flags: { readonly [N in keyof typeof rpcFlags]: string | undefined },
  env: Io['env'],
): RpcTarget {
  return {
    address:
      flags['rpc-addr'] ?? (env['TSERF_RPC_ADDR'] || env['SERF_RPC_ADDR'] || DEFAULT_ADDRESS),
    authKey: flags['rpc-auth'] ?? (env['TSERF_RPC_AUTH'] || env['SERF_RPC_AUTH'] || ''),
  };
}

/** Prints an error as Serf's commands do, on stdout, and returns the exit code. */
export function printFailure(io: Io, prefix: string, reason: string): number {
  printLine(io.stdout, `${prefix}: ${showText(reason)}`);
  return 1;
}

/** What went wrong with the agent, for people; any other error is a bug of ours and goes on. */
export function failureText(error: unknown): string {
  // By name: the class is in the client's code, which this file doesn't load.
  if (error instanceof Error && error.name === 'RpcError') return error.message;
  throw error;
}

/**
 * Runs `use` with a connection and closes it in the end. A connection that can't be made is answered here; so is a
 * request that fails, with `failure` as the prefix.
 */
export async function withAgent(
  { flags, io, connect }: Pick<CommandContext<typeof rpcFlags>, 'flags' | 'io' | 'connect'>,
  failure: string,
  use: (client: RpcClient) => Promise<number>,
): Promise<number> {
  let client: RpcClient;
  try {
    client = await connect(rpcTarget(flags, io.env));
  } catch (error) {
    return printFailure(io, 'Error connecting to Serf agent', failureText(error));
  }
  try {
    return await use(client);
  } catch (error) {
    return printFailure(io, failure, failureText(error));
  } finally {
    await client.close();
  }
}
