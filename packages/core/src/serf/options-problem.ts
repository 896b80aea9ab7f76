import { encodeTags, metaLimitBytes } from '../wire/tags.js';
import type { Tags } from './member.js';
import type { SerfOptions } from './options.js';
import { userEventLimitBytes } from './user-events.js';

/** The Serf protocol versions that this node can speak (spec/03 §1). */
const protocolRange = { min: 2, max: 5 } as const;

/** What an answer by stream may have at most: receivers refuse longer streams. */
const streamLimitBytes = 16 * 1_024 * 1_024;

/** Why a node cannot be made of these options, in Serf's words, or `undefined` when it can. */
export function serfOptionsProblem(
  options: Pick<
    SerfOptions,
    'protocol' | 'tags' | 'userEventSizeLimit' | 'queryResponseStreamLimit' | 'queryTimeoutMult'
  >,
): string | undefined {
  return (
    protocolProblem(options.protocol) ??
    eventLimitProblem(options.userEventSizeLimit) ??
    streamLimitProblem(options.queryResponseStreamLimit) ??
    multiplierProblem(options.queryTimeoutMult) ??
    tagsProblem(options.tags, options.protocol)
  );
}

/** Why these tags cannot be announced, or `undefined` when they can. */
export function tagsProblem(tags: Tags, protocol: number): string | undefined {
  if (encodeTags(tags, protocol).length <= metaLimitBytes) return undefined;
  return `Encoded length of tags exceeds limit of ${metaLimitBytes} bytes`;
}

function eventLimitProblem(limit: number): string | undefined {
  if (limit <= userEventLimitBytes) return undefined;
  return `user event size limit exceeds limit of ${userEventLimitBytes} bytes`;
}

function streamLimitProblem(limit: number): string | undefined {
  if (limit <= streamLimitBytes) return undefined;
  return `query response stream limit exceeds limit of ${streamLimitBytes} bytes`;
}

function multiplierProblem(multiplier: number): string | undefined {
  if (multiplier > 0) return undefined;
  return `query timeout multiplier ${multiplier} leaves no time for answers: it must be above 0`;
}

function protocolProblem(protocol: number): string | undefined {
  const { min, max } = protocolRange;
  const range = `Must be in range: [${min}, ${max}]`;
  if (protocol < min) return `Protocol version '${protocol}' too low. ${range}`;
  if (protocol > max) return `Protocol version '${protocol}' too high. ${range}`;
  return undefined;
}
