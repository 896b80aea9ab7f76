import type { DecodeError } from './decode-error.js';
import type { Keyring } from './keyring.js';
export interface PacketSeal { readonly compression: boolean; readonly keyring: Keyring | undefined; readonly label: string; readonly verifyIncoming: boolean; readonly verifyOutgoing: boolean }
export interface OpenedPacket { readonly parts: Uint8Array[]; readonly rejected: DecodeError[] }
export function sealPacket(parts: readonly Uint8Array[], checksum: boolean, seal: PacketSeal): Uint8Array { void parts; void checksum; void seal; throw new Error('being written'); }
export function openPacket(packet: Uint8Array, seal: PacketSeal): OpenedPacket { void packet; void seal; throw new Error('being written'); }
export function packetOverheadBytes(seal: PacketSeal): number { void seal; throw new Error('being written'); }
