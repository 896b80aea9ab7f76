import {
  Cluster,
  ClusterError,
  joinHostPort,
  KeyringFileError,
  type LogLevel,
  readKeyringFile,
} from '@tserf/core';
import type { AgentConfig } from './config/agent-config.js';
import { AgentStartError } from './start-error.js';
import { LocalTags } from './tags/local-tags.js';
import { TagsFileError } from './tags/tags-file.js';

/*
 * The parts that an agent is made of and that can fail at its start, each with its failures in Serf's words.
 */

/** The node's tags, those of the tags file if there is one. Rejects with an AgentStartError. */
export async function openTags(
  config: AgentConfig,
  log: (level: LogLevel, text: string) => void,
): Promise<LocalTags> {
  try {
    return await LocalTags.open(config, log);
  } catch (error) {
    if (!(error instanceof TagsFileError)) throw error;
    throw new AgentStartError('SETUP_FAILED', `Failed to setup the Serf agent: ${error.message}`, {
      cause: error,
    });
  }
}

/** Says how many keys the keyring file has. What is wrong with it is told by the start of the node, which reads it. */
export async function tellKeyring(
  { keyringFile, encryptionKey }: AgentConfig,
  log: (level: LogLevel, text: string) => void,
): Promise<void> {
  if (keyringFile === undefined || encryptionKey !== undefined) return;
  try {
    const { count } = await readKeyringFile(keyringFile);
    log('INFO', `agent: Restored keyring with ${count} keys from ${keyringFile}`);
  } catch (error) {
    if (!(error instanceof KeyringFileError)) throw error;
  }
}

/** The node itself, bound to its address. Rejects with an AgentStartError. */
export async function startCluster(config: AgentConfig): Promise<Cluster> {
  try {
    return await Cluster.start({
      node: config.node,
      bind: joinHostPort(config.bind.host, config.bind.port),
      tags: config.tags,
      protocol: config.protocol,
      profile: config.profile,
      compression: config.compression,
      label: config.cluster,
      ...(config.advertise && {
        advertise: joinHostPort(config.advertise.host, config.advertise.port),
      }),
      ...(config.encryptionKey && { encryptionKey: config.encryptionKey }),
      ...(config.keyringFile && { keyringFile: config.keyringFile }),
      seeds: [...config.startJoin, ...config.retryJoin],
      ...(config.snapshotPath && { snapshotFile: config.snapshotPath }),
      rejoinAfterLeave: config.rejoinAfterLeave,
      serf: {
        // The seeds may be there between two tries of `retry_join`, and found by the engine first.
        replaySeeds: config.replayOnJoin,
        broadcastTimeoutMs: config.broadcastTimeoutMs,
        reconnectIntervalMs: config.reconnectIntervalMs,
        reconnectTimeoutMs: config.reconnectTimeoutMs,
        tombstoneTimeoutMs: config.tombstoneTimeoutMs,
        disableCoordinates: config.disableCoordinates,
        userEventSizeLimit: config.userEventSizeLimit,
        querySizeLimit: config.querySizeLimit,
        queryResponseSizeLimit: config.queryResponseSizeLimit,
        queryResponseStreamLimit: config.queryResponseStreamLimit,
        disableNameResolution: config.disableNameResolution,
      },
    });
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    // Serf reads the keys before it creates its gossip layer, and says so.
    const isSetup = error.code === 'BAD_KEYRING_FILE' || /^Encryption key not/.test(error.message);
    throw isSetup
      ? new AgentStartError('SETUP_FAILED', `Failed to setup the Serf agent: ${error.message}`, {
          cause: error,
        })
      : new AgentStartError(
          'GOSSIP_FAILED',
          `Failed to start the Serf agent: Error creating Serf: ${error.message}`,
          { cause: error },
        );
  }
}
