export { queueDepthLimit } from './serf/broadcast-queues.js';
export type { IncomingQuery, QueryHandle, SerfEvent, UserEvent } from './serf/event.js';
export type {
  KeyOperation,
  QueryRequest,
  RequestId,
  SerfInput,
  TransportInput,
} from './serf/input.js';
export type { MemberEvent, MemberEventType, MemberStatus, SerfMember } from './serf/member.js';
export { type SerfOptions, serfDefaults } from './serf/options.js';
export type { KeyReport, SerfEffect, SerfNotice, SerfOutput, SerfReport } from './serf/output.js';
export { type MembershipView, SerfNode } from './serf/serf-node.js';
export type { RestoredState } from './serf/snapshot/restored-state.js';
export { SnapshotRecorder } from './serf/snapshot/snapshot-recorder.js';
export { SnapshotState } from './serf/snapshot/snapshot-state.js';
export type { SerfTimer } from './serf/timer.js';
export type { ExchangeId, SwimInput } from './swim/input.js';
export type { Member, MemberState } from './swim/member.js';
export { type ProfileName, profiles, type SwimOptions, type SwimProfile } from './swim/options.js';
export type { SwimOutput } from './swim/output.js';
export type { Random } from './swim/random.js';
export { DecodeError } from './wire/decode-error.js';
export type { Endpoint } from './wire/endpoint.js';
export { Keyring } from './wire/keyring.js';
export { decodeMessage, encodeMessage } from './wire/message-codec.js';
export type { GossipMessage, Ping, PushPullNode, PushPullState } from './wire/messages.js';
export {
  type OpenedPacket,
  openPacket,
  type PacketSeal,
  packetOverheadBytes,
  sealPacket,
} from './wire/packet.js';
export { decodePushPull, encodePushPull } from './wire/push-pull.js';
export type { Tags } from './wire/tags.js';
export type { NodeVersions } from './wire/versions.js';
