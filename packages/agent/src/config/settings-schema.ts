import { z } from 'zod';
import { handlerSchema } from '../handlers/handler-schema.js';
import { duration } from './duration-schema.js';

/**
 * What a configuration file may say: Serf's names, and `cluster`, which is tserf's own (spec/07 §3). It types the code
 * (`Settings`), checks JSON and YAML alike, and is what an editor's JSON Schema is made from. Nothing is converted: a
 * number in quotes is a text. Every key may be absent; defaults are set after all files and flags have been merged.
 *
 * This module is loaded only when there is a file to check: zod costs a sixth of the whole start.
 */
const text = z.string();
const texts = z.array(text);
const yesOrNo = z.boolean();

/** A fraction is cut off, as Serf does. */
const integer = z
  .number()
  .min(Number.MIN_SAFE_INTEGER)
  .max(Number.MAX_SAFE_INTEGER)
  .transform(Math.trunc);

export const mdnsSchema = z
  .strictObject({ interface: text, disable_ipv4: yesOrNo, disable_ipv6: yesOrNo })
  .partial();

export const settingsSchema = z
  .strictObject({
    node_name: text.describe('Name of this node; the host name when empty.'),
    role: text.describe('Deprecated: sets the tag "role".'),
    tags: z.record(z.string(), text).describe('Tags that every member sees; 512 bytes encoded.'),
    bind: text.describe('Address for gossip, TCP and UDP: host, host:port or [host]:port.'),
    advertise: text.describe('Address that other members are told; port 7946 when it has none.'),
    interface: text.describe('Network interface whose address is bound.'),
    encrypt_key: text.describe('Base64 of 16, 24 or 32 bytes.'),
    keyring_file: text.describe('JSON list of keys, the primary one first.'),
    log_level: text.describe('TRACE, DEBUG, INFO, WARN or ERR, in any case.'),
    rpc_addr: text.describe('host:port of the RPC listener.'),
    rpc_auth: text.describe('Token that RPC clients must give.'),
    protocol: integer.describe('Serf protocol version spoken, 2 to 5.'),
    profile: text.describe('Timing: lan, wan or local.'),
    cluster: text.describe('Members of another cluster name are refused; Serf members know none.'),
    start_join: texts.describe('Addresses joined at start; none reachable is fatal.'),
    replay_on_join: yesOrNo.describe('Deliver user events from before the join.'),
    retry_join: texts.describe('Addresses joined in the background, tried until one answers.'),
    retry_interval: duration.describe('Pause between two attempts of retry_join.'),
    retry_max_attempts: integer.describe('Retries of retry_join before giving up; 0 is no limit.'),
    leave_on_terminate: yesOrNo.describe('SIGTERM leaves the cluster gracefully.'),
    skip_leave_on_interrupt: yesOrNo.describe('SIGINT does not leave.'),
    reconnect_interval: duration.describe('How often failed members are tried again.'),
    reconnect_timeout: duration.describe('A failed member is forgotten after this.'),
    tombstone_timeout: duration.describe('A member that left is forgotten after this.'),
    broadcast_timeout: duration.describe('How long a leave waits until its message is out.'),
    user_event_size_limit: integer.describe('Largest user event in bytes, at most 9216.'),
    query_size_limit: integer.describe('Largest query in bytes.'),
    query_response_size_limit: integer.describe('Largest query answer in bytes.'),
    disable_name_resolution: yesOrNo.describe('A name conflict is logged and never voted on.'),

    event_handlers: texts,
    handlers: z.array(handlerSchema),
    snapshot_path: text,
    rejoin_after_leave: yesOrNo,
    tags_file: text,
    discover: text,
    mdns: mdnsSchema,
    enable_syslog: yesOrNo,
    syslog_facility: text,
    statsite_addr: text,
    statsd_addr: text,

    // Serf takes these and does nothing with them (spec/07 §23, S2 and S3).
    enable_compression: yesOrNo,
    disable_coordinates: yesOrNo,
    validate_node_names: yesOrNo,
    MsgpackUseNewTimeFormat: yesOrNo,
  })
  .partial();

/** One file's settings, or several merged. Durations are milliseconds. */
export type Settings = z.output<typeof settingsSchema>;

const keptAsWritten: ReadonlySet<string> = new Set([
  'tags',
  'node_name',
  'role',
  'cluster',
  'discover',
  'encrypt_key',
  'rpc_auth',
]);

/**
 * Whether a scalar at this place is kept as it is written: a YAML `version: 1.10` is the tag "1.10", and a node may be
 * called 007. JSON says itself what is a text, so there these stay strict.
 */
export function isKeptAsWritten([key = '', , inner]: readonly string[]): boolean {
  return keptAsWritten.has(key) || (key === 'handlers' && (inner === 'where' || inner === 'name'));
}
