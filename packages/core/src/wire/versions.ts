/**
 * The six version numbers that every member announces (spec/01 §11): the range and current version of the gossip
 * protocol, then of the layer above ("delegate"). A sender always announces six; six zeros mean "never said".
 */
export interface NodeVersions {
  readonly protocolMin: number;
  readonly protocolMax: number;
  readonly protocolCurrent: number;
  readonly delegateMin: number;
  readonly delegateMax: number;
  readonly delegateCurrent: number;
}

export function serfVersions(protocol: number): NodeVersions { void protocol; throw new Error('being written'); }
export function encodeVersions(versions: NodeVersions): Uint8Array { void versions; throw new Error('being written'); }
export function decodeVersions(bytes: Uint8Array | undefined): NodeVersions { void bytes; throw new Error('being written'); }
