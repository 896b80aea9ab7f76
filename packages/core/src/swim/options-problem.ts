import { isUnspecified } from '../wire/endpoint.js';
import { memberNameProblem } from '../wire/message-codec.js';
import { networkProblem } from './allowed-networks.js';
import type { SwimOptions } from './options.js';
import { areVersions } from './verdicts.js';

/** The largest datagram of IPv4 without its headers. */
const maxPacketBytes = 65_507;
/** An alive message with the longest name and metadata must fit into a packet, or nobody hears of its member. */
const minPacketBytes = 1_200;

/** Why the engine can't run with these options, in a sentence that says what to change; undefined when it can. */
export function swimOptionsProblem(options: SwimOptions): string | undefined {
  const nameProblem = memberNameProblem(options.name);
  if (nameProblem !== undefined) return `name: ${nameProblem}`;
  return (
    identityProblem(options) ??
    firstWrong(options, counts, isCount, 'must be a whole number, 1 or more') ??
    firstWrong(options, wholes, isWhole, 'must be a whole number, 0 or more') ??
    firstWrong(options, durations, isDuration, 'must be a number of milliseconds, 0 or more') ??
    timingProblem(options) ??
    packetProblem(options) ??
    networksProblem(options)
  );
}

const counts = [
  'retransmitMult',
  'suspicionMult',
  'suspicionMaxTimeoutMult',
  'awarenessMaxMultiplier',
  'broadcastQueueLimit',
  'memberLimit',
] as const;
const wholes = ['indirectChecks', 'gossipNodes', 'packetOverheadBytes'] as const;
const durations = [
  'streamTimeoutMs',
  'pushPullIntervalMs',
  'probeIntervalMs',
  'probeTimeoutMs',
  'gossipIntervalMs',
  'gossipToTheDeadMs',
  'deadNodeReclaimMs',
] as const;

type NumericOption = (typeof counts | typeof wholes | typeof durations)[number];

const isWhole = (value: number) => Number.isSafeInteger(value) && value >= 0;
const isCount = (value: number) => isWhole(value) && value >= 1;
const isDuration = (value: number) => Number.isFinite(value) && value >= 0;

function firstWrong(
  options: SwimOptions,
  keys: readonly NumericOption[],
  isRight: (value: number) => boolean,
  rule: string,
): string | undefined {
  const wrong = keys.find((key) => !isRight(options[key]));
  return wrong === undefined ? undefined : `${wrong} is ${options[wrong]}; it ${rule}`;
}

function identityProblem({ address, port, versions }: SwimOptions): string | undefined {
  if ((address.length !== 4 && address.length !== 16) || isUnspecified(address)) {
    return 'address: must be an IP address that others can reach';
  }
  if (!isCount(port) || port > 65_535) return `port is ${port}; it must be between 1 and 65535`;
  const { protocolMin, protocolMax, protocolCurrent } = versions;
  if (!areVersions(versions) || protocolCurrent < protocolMin || protocolCurrent > protocolMax) {
    return `versions: protocol ${protocolCurrent} is not between ${protocolMin} and ${protocolMax}`;
  }
  return undefined;
}

function timingProblem({ probeIntervalMs, probeTimeoutMs }: SwimOptions): string | undefined {
  // Without probes the timeout only serves others' requests.
  if (probeIntervalMs === 0 || probeTimeoutMs < probeIntervalMs) return undefined;
  return `probeTimeoutMs (${probeTimeoutMs}) must be shorter than probeIntervalMs (${probeIntervalMs}): helpers and the stream need the rest of the interval`;
}

function packetProblem({
  packetBudgetBytes,
  packetOverheadBytes,
}: SwimOptions): string | undefined {
  if (isCount(packetBudgetBytes) && packetBudgetBytes <= maxPacketBytes) {
    const roomBytes = packetBudgetBytes - packetOverheadBytes;
    if (roomBytes >= minPacketBytes) return undefined;
    return `packetBudgetBytes (${packetBudgetBytes}) leaves ${roomBytes} bytes beside packetOverheadBytes; an alive message needs ${minPacketBytes}`;
  }
  return `packetBudgetBytes is ${packetBudgetBytes}; it must be between ${minPacketBytes} and ${maxPacketBytes}`;
}

function networksProblem({ allowedNetworks }: SwimOptions): string | undefined {
  for (const network of allowedNetworks) {
    const problem = networkProblem(network);
    if (problem !== undefined) return `allowedNetworks: ${problem}`;
  }
  return undefined;
}
