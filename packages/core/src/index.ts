export { Cluster } from './cluster/cluster.js';
export {
  ClusterError,
  type ClusterErrorCode,
  JoinError,
  KeysError,
} from './cluster/cluster-error.js';
export type {
  ClusterEvent,
  ClusterEvents,
  ClusterLogLine,
  IncomingClusterQuery,
} from './cluster/cluster-events.js';
export type { ClusterOptions } from './cluster/cluster-options.js';
export type {
  Query,
  QueryOptions,
  QueryResponse,
  QueryResult,
  QueryUpdate,
} from './cluster/query.js';
export type { QueryResponder } from './cluster/responders.js';
export type { Coordinate } from './coordinates/coordinate.js';
export { distanceMs } from './coordinates/distance.js';
export { type KeyringFile, KeyringFileError, readKeyringFile } from './engine/keyring-file.js';
export type { Metric } from './engine/metrics/metrics.js';
export { printable } from './engine/printable.js';
export type { LogLevel } from './engine/protocol.js';
export { replaceFile } from './engine/replace-file.js';
export {
  type BindAddress,
  defaultGossipPort,
  type InterfaceBindAddress,
  interfaceBindAddress,
  resolveBindAddress,
} from './net/bind-address.js';
export { AddressError, joinHostPort, resolvePort, splitHostPort } from './net/host-port.js';
export { interfaceExists } from './net/interfaces.js';
export { systemErrorText } from './net/system-error.js';
export { after, type Timer } from './net/timer.js';
export type { UserEvent } from './serf/event.js';
export type {
  MemberEvent,
  MemberEventType,
  MemberStatus,
  SerfMember,
} from './serf/member.js';
export { type SerfOptions, serfDefaults } from './serf/options.js';
export { tagsProblem } from './serf/options-problem.js';
export type { KeyReport } from './serf/output.js';
export { Measure, type Measured } from './swim/measure.js';
export { type ProfileName, profiles, type SwimProfile } from './swim/options.js';
export type { Endpoint } from './wire/endpoint.js';
export { GoRegexError } from './wire/go-regex-error.js';
export { decodeKeyText, encodeKeyText, KeyTextError } from './wire/key-text.js';
export { byCodePoint, type Tags } from './wire/tags.js';
export type { NodeVersions } from './wire/versions.js';
