export type {
  RequestId,
  SerfInput,
  TransportInput,
} from './serf/input.js';
export type { MemberEvent, MemberEventType, MemberStatus, SerfMember } from './serf/member.js';
export { type SerfOptions, serfDefaults } from './serf/options.js';
export type { SerfEffect, SerfNotice, SerfOutput, SerfReport } from './serf/output.js';
export type { SerfTimer } from './serf/timer.js';
export type { ExchangeId, SwimInput } from './swim/input.js';
export type { Member, MemberState } from './swim/member.js';
export { type ProfileName, profiles, type SwimOptions, type SwimProfile } from './swim/options.js';
export type { SwimOutput } from './swim/output.js';
export type { Random } from './swim/random.js';
export type { Endpoint } from './wire/endpoint.js';
export type { GossipMessage, Ping, PushPullNode, PushPullState } from './wire/messages.js';
export type { Tags } from './wire/tags.js';
export type { NodeVersions } from './wire/versions.js';
