/**
 * An agent that could not start. The message is what the operator sees: Serf's words, and behind them in parentheses
 * what to do. Nothing stays open.
 */
export class AgentStartError extends Error {
  override readonly name = 'AgentStartError';
  readonly code: 'SYSLOG_FAILED' | 'SETUP_FAILED' | 'GOSSIP_FAILED' | 'MDNS_FAILED' | 'RPC_FAILED';

  constructor(code: AgentStartError['code'], message: string, options?: ErrorOptions) {
    super(withRemedy(message), options);
    this.code = code;
  }
}

/** What a text of Serf's means for the operator. The first row that fits is shown. */
const remedies: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  // An error that names the option itself needs no more words.
  [/-(bind|advertise|rpc-addr)\b/, ''],
  [
    /RPC listener.*address already in use/,
    'another agent has this address: give this one its own with -rpc-addr=HOST:PORT',
  ],
  [/RPC listener.*cannot assign/, 'this host has no such address: correct -rpc-addr'],
  [/RPC listener.*(missing port|in address|port)/, 'write -rpc-addr=HOST:PORT'],
  [/RPC listener.*no such host/, 'give an IP address with -rpc-addr=IP:PORT'],
  [/Syslog setup failed.*is needed/, ''],
  [
    /Syslog setup failed/,
    'no daemon listens at /dev/log, /var/run/syslog or /var/run/log: start one, or leave syslog out',
  ],
  [/mDNS listener.*cluster name/, ''],
  [
    /mDNS listener.*address already in use/,
    'another program has UDP port 5353 for itself: stop it, or leave -discover out',
  ],
  [
    /mDNS listener/,
    'name a network interface that can multicast with -mdns-iface, or leave -discover out',
  ],
  [
    /address already in use/,
    'another process has this port: stop it, or choose another with -bind=HOST:PORT',
  ],
  [/cannot assign/, 'this host has no such address: give one of its own with -bind'],
  [/bind: permission denied/, 'ports below 1024 need privileges: choose a higher one'],
  [
    /(keyring|tags) file: .*permission denied/,
    'this user may not read it: change its owner or its mode',
  ],
  [
    /open snapshot: .*(no such file|permission denied)/,
    'name a file in a folder that is there and that this user may write, with -snapshot',
  ],
  [/key size/, 'a key is base64 of 16, 24 or 32 bytes; tserf keygen makes one'],
  [/Tags config not/, 'the tags file holds the tags: remove -tag, -role, tags and role'],
  [/tags file/, 'it must be a JSON object of texts, which this user may read'],
  [/Encryption key not allowed/, 'the keyring file holds the keys: remove -encrypt'],
  [
    /stat .*no such file/,
    'create the file: a JSON list of base64 keys, the primary one first; tserf keygen makes one',
  ],
  [/[Kk]eyring|decode key/, 'it must be a JSON list of base64 keys; tserf keygen makes one'],
  [/Encoded length of tags/, 'use fewer or shorter tags'],
  [/Protocol version/, 'leave -protocol out to speak the newest'],
];

function withRemedy(message: string): string {
  const remedy = remedies.find(([pattern]) => pattern.test(message))?.[1] ?? '';
  return remedy === '' ? message : `${message} (${remedy})`;
}

/** What to do when none of the addresses of a start join answered. */
export function joinRemedy(message: string): string {
  if (/another label/.test(message)) {
    return "Another cluster, or no agent, answered there: the same key and the same 'cluster' in the configuration are needed";
  }
  if (/encrypt|decrypt/i.test(message)) {
    return 'This node and the cluster do not share a key: give the same one with -encrypt or -keyring-file';
  }
  return 'No agent could be joined: correct the address of -join, start an agent there, or use -retry-join to keep trying';
}
