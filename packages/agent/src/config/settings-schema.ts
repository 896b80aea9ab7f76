import { z } from 'zod';
import { handlerSchema } from '../handlers/handler-schema.js';
import { duration } from './duration-schema.js';

/**
 * What a configuration file may say: Serf's names, and `cluster` and `handlers`, which are tserf's own (spec/07 §3). It
 * types the code (`Settings`), checks JSON and YAML alike, and an editor's JSON Schema is made from it (`json-schema.ts`).
 * Nothing is converted: a number in quotes is a text. Every key may be absent; the defaults that stand here are for
 * readers, and are set after all files and flags have been merged.
 *
 * This module is loaded only when there is a file to check: zod costs a sixth of the whole start.
 */
const text = (description: string, more: object = {}) => z.string().meta({ description, ...more });
const texts = (description: string) =>
  z.array(z.string(), { error: 'a list of texts' }).meta({ description });
const yesOrNo = (description: string) => z.boolean().meta({ description, default: false });
const time = (description: string, more: object = {}) => duration.meta({ description, ...more });

/** A fraction is cut off, as Serf does. */
const integer = (description: string, more: object = {}) =>
  z
    .number()
    .min(Number.MIN_SAFE_INTEGER)
    .max(Number.MAX_SAFE_INTEGER)
    .transform(Math.trunc)
    .meta({ description, ...more });

export const mdnsSchema = z
  .strictObject({
    interface: text('Network interface for mDNS; the one of `interface` by default.'),
    disable_ipv4: yesOrNo('Do not ask over IPv4.'),
    disable_ipv6: yesOrNo('Do not ask over IPv6.'),
  })
  .partial();

export const settingsSchema = z
  .strictObject({
    $schema: text('Address of this schema, for editors; not read.'),

    node_name: text('Name of this node, unique in the cluster; the host name by default.'),
    tags: z
      .record(z.string(), z.string())
      .meta({ description: 'Tags that every member sees; at most 512 bytes, encoded.' }),
    role: text('Deprecated: the tag `role`.', { deprecated: true }),
    tags_file: text('File in which tags set at run time are kept; not together with `tags`.'),
    cluster: text(
      'Members of another cluster are refused. Serf has none, so leave it out beside Serf.',
    ),
    protocol: integer('Serf protocol version to speak, 2 to 5.', { default: 5 }),

    bind: text('Address for gossip, TCP and UDP: host, host:port or [host]:port.', {
      default: '0.0.0.0:7946',
    }),
    advertise: text('Address told to the others, where it differs; port 7946 unless it has one.'),
    interface: text('Network interface whose address is bound.'),
    rpc_addr: text('Address of the RPC listener: host:port.', { default: '127.0.0.1:7373' }),
    rpc_auth: text('Token that RPC clients must show.'),
    profile: text('Timing: lan, wan or local.', {
      default: 'lan',
      enum: ['lan', 'wan', 'local'],
    }),

    encrypt_key: text('Key for the encryption of gossip: base64 of 16, 24 or 32 bytes.'),
    keyring_file: text(
      'File with the keys, a JSON list, the primary one first; not together with `encrypt_key`.',
    ),

    start_join: texts('Members to join at start; it is an error when none answers.'),
    retry_join: texts('Members to join in the background, tried until one answers.'),
    retry_interval: time('Time between two such tries, at least 1s.', { default: '30s' }),
    retry_max_attempts: integer('Ends the agent after so many retries; 0 is no limit.', {
      default: 0,
    }),
    replay_on_join: yesOrNo('Deliver user events from before a join as well.'),
    discover: text('Find the other members of this cluster by mDNS.'),
    mdns: mdnsSchema.meta({ description: 'How members are looked for by mDNS.' }),

    event_handlers: texts('Scripts to run at events, in the form of Serf: FILTER=SCRIPT.'),
    event_handler_timeout: time(
      'Such a script that runs longer is ended, with all that it started; by default none is.',
    ),
    handlers: z.array(handlerSchema).meta({
      description: 'Scripts to run at events, each with its own queue, conditions and time-out.',
    }),

    snapshot_path: text('File in which members and clocks are kept over a restart.'),
    rejoin_after_leave: yesOrNo('Join the members of the snapshot after a leave, too.'),
    leave_on_terminate: yesOrNo('SIGTERM leaves the cluster gracefully.'),
    skip_leave_on_interrupt: yesOrNo('SIGINT does not leave the cluster.'),

    broadcast_timeout: time(
      'How long a leave or a change of tags waits until it is on its way, at least 1s.',
      {
        default: '5s',
      },
    ),
    reconnect_interval: time('How often failed members are tried again.', { default: '30s' }),
    reconnect_timeout: time('A failed member is forgotten after this.', { default: '24h' }),
    tombstone_timeout: time('A member that left is forgotten after this.', { default: '24h' }),
    disable_name_resolution: yesOrNo('A conflict of names is logged, and never voted on.'),
    disable_coordinates: yesOrNo('Keep no network coordinates, and tell none.'),

    user_event_size_limit: integer('Largest user event in bytes, at most 9216.', { default: 512 }),
    query_size_limit: integer('Largest query in bytes.', { default: 1_024 }),
    query_response_size_limit: integer('Largest answer to a query in bytes.', { default: 1_024 }),
    query_response_stream_limit: integer(
      'Largest answer in bytes that goes by stream, being too large for a packet; at most 16777216.',
      { default: 1_048_576 },
    ),

    log_level: text('Lowest level to log: TRACE, DEBUG, INFO, WARN or ERR, in any case.', {
      default: 'INFO',
      examples: ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERR'],
    }),
    enable_syslog: yesOrNo('Write the log to syslog, too.'),
    syslog_facility: text('Facility for syslog, in any case.', { default: 'LOCAL0' }),
    statsd_addr: text('Address of a statsd server: host:port, UDP.'),
    statsite_addr: text('Address of a statsite server: host:port, TCP.'),

    // Serf takes these and does nothing with them (spec/07 §23, S2 and S3).
    enable_compression: z.boolean().meta({
      description: 'Taken, and without effect, as in Serf: use -disable-compression.',
      default: true,
      deprecated: true,
    }),
    validate_node_names: yesOrNo('Taken for the sake of Serf, and without effect.'),
    MsgpackUseNewTimeFormat: yesOrNo('Taken for the sake of Serf, and without effect.'),
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
