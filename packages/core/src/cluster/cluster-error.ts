import type { EngineStartErrorCode } from '../engine/engine-parts.js';
import type { KeyReport } from '../serf/output.js';

export type ClusterErrorCode =
  /** Why a cluster handle could not start. */
  | EngineStartErrorCode
  | 'BAD_KEYRING_FILE'
  /** No address of a join answered. */
  | 'JOIN_FAILED'
  /** The node refused the request, or could not finish it in time. */
  | 'REFUSED'
  /** Not every member carried out a change of keys. */
  | 'KEYS_FAILED'
  /** Another member has this node's name, and the cluster sides with that one; the node was shut down. */
  | 'NAME_CONFLICT'
  /** The handle was shut down. */
  | 'SHUT_DOWN'
  /** The engine's thread crashed, or found itself in a state that cannot be; `cause` says more. */
  | 'ENGINE_DIED';

/** What a Cluster rejects with. `code` is stable; the message is for people, in Serf's words where Serf has them. */
export class ClusterError extends Error {
  override readonly name: string = 'ClusterError';
  readonly code: ClusterErrorCode;

  constructor(code: ClusterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A join that reached nobody. The message lists one reason for each address, as Serf prints it. */
export class JoinError extends ClusterError {
  override readonly name = 'JoinError';
  /** One line for each address, in the order of the list. */
  readonly errors: readonly string[];

  constructor(errors: readonly string[]) {
    super('JOIN_FAILED', joinMessage(errors));
    this.errors = errors;
  }
}

/** Ends in two line breaks, as programs that read it expect (spec/05 §8.3). */
function joinMessage(errors: readonly string[]): string {
  const head = errors.length === 1 ? '1 error occurred:' : `${errors.length} errors occurred:`;
  return `${head}\n${errors.map((error) => `\t* ${error}\n`).join('')}\n`;
}

/**
 * A change of keys, or a look at them, that not every member answered, or that some refused. What is done is done:
 * `report` says where it stands. Repeating it is harmless.
 */
export class KeysError extends ClusterError {
  override readonly name = 'KeysError';
  readonly report: KeyReport;

  constructor(report: KeyReport) {
    super('KEYS_FAILED', keysProblem(report) ?? 'not every member answered');
    this.report = report;
  }
}

/** What is wrong with what the members answered, in Serf's words and then in the members' own; `undefined` when nothing is. */
export function keysProblem(report: KeyReport): string | undefined {
  const { numNodes, numResponses, numErrors, messages } = report;
  if (numErrors > 0) {
    const reasons = [...messages].map(([node, message]) => `\n\t* ${node}: ${message}`).join('');
    return `${numErrors}/${numNodes} nodes reported failure${reasons}`;
  }
  if (numResponses === numNodes) return undefined;
  return `${numResponses}/${numNodes} nodes reported success`;
}
