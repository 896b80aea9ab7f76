import { bytes, type Codec, listOf, struct, text, textMap, unsigned } from './codec.js';

/** A member as an agent tells it (spec/05 §8.4). Core's `SerfMember` is one too. */
export interface MemberRecord {
  readonly name: string;
  /** 4 bytes, or 16 (IPv6, or an IPv4-mapped address); empty when the agent knows none. */
  readonly address: Uint8Array;
  readonly port: number;
  readonly tags: Readonly<Record<string, string>>;
  /** `alive`, `leaving`, `left`, `failed` or `none`. */
  readonly status: string;
  readonly versions: MemberVersions;
}

/** What the member speaks: of the gossip protocol, and of Serf's on top of it ("delegate"). */
export interface MemberVersions {
  readonly protocolMin: number;
  readonly protocolMax: number;
  readonly protocolCurrent: number;
  readonly delegateMin: number;
  readonly delegateMax: number;
  readonly delegateCurrent: number;
}

const byte = unsigned(0xff);
const flat = struct({
  name: ['Name', text],
  address: ['Addr', bytes],
  port: ['Port', unsigned(0xffff)],
  tags: ['Tags', textMap],
  status: ['Status', text],
  protocolMin: ['ProtocolMin', byte],
  protocolMax: ['ProtocolMax', byte],
  protocolCurrent: ['ProtocolCur', byte],
  delegateMin: ['DelegateMin', byte],
  delegateMax: ['DelegateMax', byte],
  delegateCurrent: ['DelegateCur', byte],
});

const noAddress = new Uint8Array(0);
const noVersions: MemberVersions = {
  protocolMin: 0,
  protocolMax: 0,
  protocolCurrent: 0,
  delegateMin: 0,
  delegateMax: 0,
  delegateCurrent: 0,
};

const memberRecord: Codec<MemberRecord> = {
  zero: { name: '', address: noAddress, port: 0, tags: {}, status: '', versions: noVersions },
  write(writer, { name, address, port, tags, status, versions }) {
    flat.write(writer, { name, address, port, tags, status, ...versions });
  },
  read(reader) {
    const { name, address, port, tags, status, ...versions } = flat.read(reader);
    return { name, address: address ?? noAddress, port, tags, status, versions };
  },
};

export const memberRecords = listOf(memberRecord);
