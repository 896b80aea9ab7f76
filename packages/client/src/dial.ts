import { connect, type Socket } from 'node:net';
import { AddressError, joinHostPort } from '@tserf/core/host-port';
import { startDeadline } from './deadline.js';
import { type HostPort, parseHostPort } from './protocol/host-port.js';
import { isLookupError, systemErrorText } from './protocol/system-errors.js';
import { RpcError } from './rpc-error.js';

/** Opens a TCP connection to `host:port`. Fails with RpcError CONNECT_FAILED, in Go's words (spec/06 §1.4). */
export async function dial(address: string, timeoutMs: number): Promise<Socket> {
  const target = await parse(address);
  // An empty host is this machine, as in Go.
  const socket = connect({
    host: target.host || '127.0.0.1',
    port: target.port,
    noDelay: true,
    // A stream may be silent for days; an agent that is gone is noticed all the same.
    keepAlive: true,
    keepAliveInitialDelay: 15_000,
  });
  let cancel = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      cancel = startDeadline(timeoutMs, () => reject(new Error('i/o timeout')));
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return socket;
  } catch (error) {
    // A second error of the same socket must not take the process down.
    socket.on('error', () => {}).destroy();
    throw failure(describe(error, target), error);
  } finally {
    cancel();
  }
}

async function parse(address: string): Promise<HostPort> {
  if (address === '') throw failure('dial tcp: missing address');
  try {
    return await parseHostPort(address);
  } catch (error) {
    if (error instanceof AddressError) throw failure(`dial tcp: ${error.message}`, error);
    throw error;
  }
}

type SystemError = Error & { code?: string; syscall?: string; address?: string; port?: number };

function describe(thrown: unknown, target: HostPort): string {
  // A name with several addresses fails with one error for each; Go tells the first.
  const error = (thrown instanceof AggregateError ? thrown.errors[0] : thrown) as SystemError;
  if (isLookupError(error)) return `dial tcp: lookup ${target.host}: ${lookupText(error)}`;
  const host = target.host === '' ? '' : (error.address ?? target.host);
  const where = `dial tcp ${joinHostPort(host, error.port ?? target.port)}`;
  return error.syscall === undefined
    ? `${where}: ${error.message}`
    : `${where}: ${error.syscall}: ${systemErrorText(error)}`;
}

function lookupText({ code, message }: SystemError): string {
  if (code === 'ENOTFOUND') return 'no such host';
  return code === 'EAI_AGAIN' ? 'Temporary failure in name resolution' : message;
}

function failure(message: string, cause?: unknown): RpcError {
  return new RpcError('CONNECT_FAILED', message, { cause });
}
