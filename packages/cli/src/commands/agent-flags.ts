import type { AgentFlags } from '@tserf/agent';
import { logLevels, profiles } from '../choices.js';
import type { CommandContext } from '../command.js';
import { bool, integer, list, text } from '../flags.js';

/** Flags of which the configuration reads the text itself are texts here too, such as the durations (spec/07 §3). */
export const agentFlagTable = {
  node: text('NAME', 'Name of this node, unique in the cluster. Default: the host name.'),
  bind: text('ADDR', 'Address for gossip, TCP and UDP. Default: 0.0.0.0:7946.'),
  advertise: text('ADDR', 'Address told to the others, where it differs from the one bound.'),
  iface: text('NAME', 'Network interface to bind to, instead of an address.'),
  'rpc-addr': text(
    'ADDR',
    'Address for RPC, by which the other commands talk to the agent. Default: 127.0.0.1:7373.',
  ),
  'rpc-auth': text('TOKEN', 'Token that RPC clients must show.'),
  join: list(
    'ADDR',
    'Member to join at start; it is an error when none answers. May be given many times.',
  ),
  'retry-join': list(
    'ADDR',
    'Member to join, tried again until it answers. May be given many times.',
  ),
  'retry-interval': text('DURATION', 'Time between such tries. Default: 30s.'),
  'retry-max': integer('N', 'End after so many failed tries. Default: 0, never.'),
  replay: bool('Deliver user events from before a join as well.'),
  tag: list('KEY=VALUE', 'Tag of this node. May be given many times.'),
  role: text('ROLE', 'Deprecated: -tag role=ROLE does the same.'),
  encrypt: text('KEY', 'Key for the encryption of gossip, in base64; see "tserf keygen".'),
  'keyring-file': text('FILE', 'File with the keys; not together with -encrypt.'),
  profile: text('PROFILE', 'Timing: "lan", "wan" or "local". Default: lan.', undefined, profiles),
  'log-level': text(
    'LEVEL',
    'Lowest level to log: trace, debug, info, warn or err. Default: info.',
    undefined,
    logLevels,
  ),
  protocol: integer('N', 'Serf protocol version to speak, 2 to 5. Default: 5.'),
  'config-file': list(
    'FILE',
    'Configuration, YAML or JSON. May be given many times; later ones win.',
  ),
  'config-dir': list('DIR', 'Directory of configuration files, read in the order of their names.'),
  'disable-compression': bool('Do not compress what is sent.'),
  'broadcast-timeout': text(
    'DURATION',
    'How long a leave waits until it is on its way. Default: 5s.',
  ),
  'event-handler': list(
    'FILTER=SCRIPT',
    'Script to run at events, such as member-join,user:deploy=./deploy.sh; without a filter, at all. May be given many times.',
  ),
  snapshot: text('FILE', 'File in which the members and clocks are kept over a restart.'),
  rejoin: bool('Join again the members of the snapshot after a leave, too.'),
  'tags-file': text('FILE', 'File in which tags set at run time are kept; not together with -tag.'),
  discover: text('CLUSTER', 'Find the other members of this cluster by mDNS.'),
  'mdns-iface': text('NAME', 'Network interface for mDNS. Default: the one of -iface.'),
  'mdns-disable-ipv4': bool('Do not ask over IPv4 when looking for members by mDNS.'),
  'mdns-disable-ipv6': bool('Do not ask over IPv6 when looking for members by mDNS.'),
  syslog: bool('Write the log to syslog, too.'),
} as const;

/** The flags as the agent takes them; files and directories in one list, as they stood on the command line. */
export function agentFlags({
  flags: values,
  given,
}: Pick<CommandContext<typeof agentFlagTable>, 'flags' | 'given'>): AgentFlags {
  const isPath = (name: string) => name === 'config-file' || name === 'config-dir';
  return {
    node: values.node,
    bind: values.bind,
    advertise: values.advertise,
    iface: values.iface,
    rpcAddr: values['rpc-addr'],
    rpcAuth: values['rpc-auth'],
    join: values.join,
    retryJoin: values['retry-join'],
    retryInterval: values['retry-interval'],
    retryMax: values['retry-max'],
    replay: values.replay,
    tag: values.tag,
    role: values.role,
    encrypt: values.encrypt,
    keyringFile: values['keyring-file'],
    profile: values.profile,
    logLevel: values['log-level'],
    protocol: values.protocol,
    configPaths: given.filter(({ name }) => isPath(name)).map(({ value }) => value),
    disableCompression: values['disable-compression'],
    broadcastTimeout: values['broadcast-timeout'],
    tagsFile: values['tags-file'],
    eventHandler: values['event-handler'],
    snapshot: values.snapshot,
    rejoin: values.rejoin,
    discover: values.discover,
    mdnsIface: values['mdns-iface'],
    mdnsDisableIPv4: values['mdns-disable-ipv4'],
    mdnsDisableIPv6: values['mdns-disable-ipv6'],
    syslog: values.syslog,
  };
}
