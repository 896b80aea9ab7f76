import type { Command } from './command.js';

/** A command in the table: enough to list it; its code is loaded when it is called. */
export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly synopsis: string;
  load(): Promise<Command>;
}

/** The commands of `tserf`. A new one is a file in `commands/` and a row here; `main` takes other tables too. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'agent',
    synopsis: 'Runs an agent: one node of a cluster',
    load: async () => (await import('./commands/agent.js')).agent,
  },
  {
    name: 'completion',
    synopsis: 'Prints a script that completes command lines in a shell',
    load: async () => (await import('./commands/completion.js')).completion,
  },
  {
    name: 'config',
    synopsis: 'Checks and shows configuration files',
    load: async () => (await import('./commands/config.js')).config,
  },
  {
    name: 'dev',
    synopsis: 'Runs a small cluster in this terminal, to look at and to try things on',
    load: async () => (await import('./commands/dev.js')).dev,
  },
  {
    name: 'event',
    synopsis: 'Sends an event to the cluster',
    load: async () => (await import('./commands/event.js')).event,
  },
  {
    name: 'force-leave',
    synopsis: 'Makes a failed member count as left',
    load: async () => (await import('./commands/force-leave.js')).forceLeave,
  },
  {
    name: 'info',
    synopsis: "Shows the agent's counters, tags and runtime",
    load: async () => (await import('./commands/info.js')).info,
  },
  {
    name: 'join',
    synopsis: 'Makes the agent join a cluster',
    load: async () => (await import('./commands/join.js')).join,
  },
  {
    name: 'keygen',
    synopsis: 'Generates an encryption key',
    load: async () => (await import('./commands/keygen.js')).keygen,
  },
  {
    name: 'keys',
    synopsis: 'Manages the encryption keys of the cluster',
    load: async () => (await import('./commands/keys.js')).keys,
  },
  {
    name: 'leave',
    synopsis: 'Makes the agent leave the cluster and end',
    load: async () => (await import('./commands/leave.js')).leave,
  },
  {
    name: 'members',
    synopsis: 'Lists the members of the cluster',
    load: async () => (await import('./commands/members.js')).members,
  },
  {
    name: 'monitor',
    synopsis: "Shows the agent's log and events as they come",
    load: async () => (await import('./commands/monitor.js')).monitor,
  },
  {
    name: 'query',
    synopsis: 'Asks the nodes of the cluster and shows their answers',
    load: async () => (await import('./commands/query.js')).query,
  },
  {
    name: 'reachability',
    synopsis: 'Tests whether all live members can be reached',
    load: async () => (await import('./commands/reachability.js')).reachability,
  },
  {
    name: 'rtt',
    synopsis: 'Estimates the round trip time between two nodes',
    load: async () => (await import('./commands/rtt.js')).rtt,
  },
  {
    name: 'tags',
    synopsis: "Changes the agent's tags",
    load: async () => (await import('./commands/tags.js')).tags,
  },
  {
    name: 'version',
    synopsis: 'Shows the version of tserf and of the agent protocol',
    load: async () => (await import('./commands/version.js')).version,
  },
];
