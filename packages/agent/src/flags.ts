/**
 * What the command line of `tserf agent` gives, one field for each flag, as the flag parser read it: texts unchanged,
 * lists in the order of the command line, absent when the flag was not used (spec/07 §3). Their meaning is checked
 * here, with the files, so that both have the same rules.
 */
export interface AgentFlags {
  readonly node?: string | undefined;
  readonly bind?: string | undefined;
  readonly advertise?: string | undefined;
  readonly iface?: string | undefined;
  readonly rpcAddr?: string | undefined;
  /** Serf has this in files only; tserf takes it here too. */
  readonly rpcAuth?: string | undefined;
  readonly join?: readonly string[] | undefined;
  readonly retryJoin?: readonly string[] | undefined;
  /** A Go duration, such as `30s`. */
  readonly retryInterval?: string | undefined;
  readonly retryMax?: number | undefined;
  readonly replay?: boolean | undefined;
  /** Each `key=value`. */
  readonly tag?: readonly string[] | undefined;
  /** Deprecated by Serf: the tag `role`. */
  readonly role?: string | undefined;
  readonly tagsFile?: string | undefined;
  /** A key in base64. */
  readonly encrypt?: string | undefined;
  readonly keyringFile?: string | undefined;
  readonly profile?: string | undefined;
  readonly logLevel?: string | undefined;
  readonly protocol?: number | undefined;
  /** `-config-file` and `-config-dir` share one ordered list; each may name a file or a directory. */
  readonly configPaths?: readonly string[] | undefined;
  readonly disableCompression?: boolean | undefined;
  /** A Go duration. */
  readonly broadcastTimeout?: string | undefined;
  /** Each `FILTER=SCRIPT`. */
  readonly eventHandler?: readonly string[] | undefined;
  readonly snapshot?: string | undefined;
  readonly rejoin?: boolean | undefined;
  readonly discover?: string | undefined;
  readonly mdnsIface?: string | undefined;
  readonly mdnsDisableIPv4?: boolean | undefined;
  readonly mdnsDisableIPv6?: boolean | undefined;
  readonly syslog?: boolean | undefined;
}
