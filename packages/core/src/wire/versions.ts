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

/** How many bytes the six numbers take on the wire. */
export const versionsLength = 6;

/** What a Serf agent announces that speaks Serf's `protocol`, 2 to 5: memberlist's side never changes (spec/03 §1). */
export function serfVersions(protocol: number): NodeVersions {
  return {
    protocolMin: 1,
    protocolMax: 5,
    protocolCurrent: 2,
    delegateMin: 2,
    delegateMax: 5,
    delegateCurrent: protocol,
  };
}

export function encodeVersions(versions: NodeVersions): Uint8Array {
  return Uint8Array.of(
    versions.protocolMin,
    versions.protocolMax,
    versions.protocolCurrent,
    versions.delegateMin,
    versions.delegateMax,
    versions.delegateCurrent,
  );
}

const neverSaid: NodeVersions = {
  protocolMin: 0,
  protocolMax: 0,
  protocolCurrent: 0,
  delegateMin: 0,
  delegateMax: 0,
  delegateCurrent: 0,
};
let latest = neverSaid;

/**
 * The first six bytes as versions; fewer than six are as good as none and give zeros. Members of one cluster announce
 * the same, so that they share one object.
 */
export function decodeVersions(bytes: Uint8Array | undefined): NodeVersions {
  if (bytes === undefined || bytes.length < versionsLength) return neverSaid;
  if (!announces(bytes, latest)) {
    const [protocolMin, protocolMax, protocolCurrent, delegateMin, delegateMax, delegateCurrent] =
      bytes as unknown as readonly [number, number, number, number, number, number];
    latest = {
      protocolMin,
      protocolMax,
      protocolCurrent,
      delegateMin,
      delegateMax,
      delegateCurrent,
    };
  }
  return latest;
}

function announces(bytes: Uint8Array, versions: NodeVersions): boolean {
  return (
    bytes[0] === versions.protocolMin &&
    bytes[1] === versions.protocolMax &&
    bytes[2] === versions.protocolCurrent &&
    bytes[3] === versions.delegateMin &&
    bytes[4] === versions.delegateMax &&
    bytes[5] === versions.delegateCurrent
  );
}
