import type { Client } from '@tserf/client';
import type { CommandContext } from './command.js';
import { type FlagTable, text } from './flags.js';
import { type Io, printLine } from './io.js';
import { showText } from './format/quote.js';

/** What commands use of a client; tests hand in another. */
export type RpcClient = Pick<
  Client,
  | 'membersFiltered'
  | 'members'
  | 'join'
  | 'leave'
  | 'forceLeave'
  | 'monitor'
  | 'stream'
  | 'stats'
  | 'close'
>;

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
export function rpcTarget(
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
export function printFailure(io: Io, prefix: string, error: unknown): number {
  const reason = error instanceof Error ? error.message : String(error);
  printLine(io.stdout, `${prefix}: ${showText(reason)}`);
  return 1;
}

/**
 * Runs `use` with a connection and closes it in the end. Answers a connection that can't be made itself;
 * `failure` is the prefix for an error of the request.
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
    return printFailure(io, 'Error connecting to Serf agent', error);
  }
  try {
    return await use(client);
  } catch (error) {
    return printFailure(io, failure, error);
  } finally {
    await client.close();
  }
}
