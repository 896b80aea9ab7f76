import { decodeFilter } from '../../src/wire/filter.js';
import type { GossipMessage, PushPullState } from '../../src/wire/messages.js';
import { decodeSerfMessage } from '../../src/wire/serf-codec.js';
import type { SerfMessage } from '../../src/wire/serf-messages.js';
import { decodeTags } from '../../src/wire/tags.js';
import { encodeVersions } from '../../src/wire/versions.js';
import type { DecodedVector } from './vectors.js';
import { toHex } from './vectors.js';

/*
 * Messages in the words of the recordings, to hold what tserf decodes against what was recorded, field by field.
 */

type Described = Pick<DecodedVector, 'type'> & Record<string, unknown>;

const hexOrNull = (bytes: Uint8Array | undefined) => (bytes === undefined ? null : toHex(bytes));
const wide = (value: number) => (Number.isSafeInteger(value) ? value : String(value));

export function describeMessage(message: GossipMessage): Described {
  switch (message.type) {
    case 'ping':
      return {
        type: 'ping',
        fields: { Node: message.node, SeqNo: message.sequence, ...source(message) },
      };
    case 'indirectPing':
      return {
        type: 'indirectPing',
        fields: {
          Nack: message.nack,
          Node: message.node,
          Port: message.port,
          SeqNo: message.sequence,
          ...source(message),
          Target: toHex(message.target),
        },
      };
    case 'ack':
      return {
        type: 'ackResp',
        fields: { Payload: hexOrNull(message.payload), SeqNo: message.sequence },
      };
    case 'nack':
      return { type: 'nackResp', fields: { SeqNo: message.sequence } };
    case 'suspect':
    case 'dead':
      return {
        type: message.type,
        fields: { From: message.from, Incarnation: message.incarnation, Node: message.node },
      };
    case 'alive':
      return {
        type: 'alive',
        fields: {
          Addr: toHex(message.address),
          Incarnation: message.incarnation,
          Meta: { hex: toHex(message.meta), tags: { ...decodeTags(message.meta) } },
          Node: message.node,
          Port: message.port,
          Vsn: toHex(encodeVersions(message.versions)),
        },
      };
    case 'user':
      return { type: 'user', serf: describeSerf(decodeSerfMessage(message.body)) };
  }
}

function source(message: {
  sourceAddress: Uint8Array | undefined;
  sourceNode: string;
  sourcePort: number;
}) {
  return {
    ...(message.sourceAddress && { SourceAddr: toHex(message.sourceAddress) }),
    ...(message.sourceNode !== '' && { SourceNode: message.sourceNode }),
    ...(message.sourcePort !== 0 && { SourcePort: message.sourcePort }),
  };
}

function describeSerf(message: SerfMessage): Described {
  switch (message.type) {
    case 'leave':
      return {
        type: 'leave',
        fields: { LTime: wide(message.ltime), Node: message.node, Prune: message.prune },
      };
    case 'join':
      return { type: 'join', fields: { LTime: wide(message.ltime), Node: message.node } };
    case 'userEvent':
      return {
        type: 'userEvent',
        fields: {
          CC: message.coalesce,
          LTime: message.ltime,
          Name: message.name,
          Payload: hexOrNull(message.payload),
        },
      };
    case 'query':
      return {
        type: 'query',
        fields: {
          Addr: toHex(message.address),
          Filters: message.filters === undefined ? null : message.filters.map(describeFilter),
          Flags: message.flags,
          ID: message.id,
          LTime: message.ltime,
          Name: message.name,
          Payload: hexOrNull(message.payload),
          Port: message.port,
          RelayFactor: message.relayFactor,
          SourceNode: message.sourceNode,
          Timeout: message.timeout,
        },
      };
    case 'queryResponse':
      return {
        type: 'queryResponse',
        fields: {
          Flags: message.flags,
          From: message.from,
          ID: message.id,
          LTime: message.ltime,
          Payload: hexOrNull(message.payload),
        },
      };
    case 'relay':
      return {
        type: 'relay',
        fields: {
          DestAddr: { IP: toHex(message.address), Port: message.port, Zone: message.zone },
          DestName: message.node,
        },
        inner: describeSerf(decodeSerfMessage(message.inner)),
      };
    case 'conflictResponse':
      return { type: 'conflictResponse', fields: describeConflict(message.member) };
    case 'keyRequest':
      return { type: 'keyRequest', fields: { Key: toHex(message.key) } };
    case 'keyResponse':
      return {
        type: 'keyResponse',
        fields: {
          Keys: message.keys ?? null,
          Message: message.message,
          PrimaryKey: message.primaryKey,
          Result: message.result,
        },
      };
    case 'state':
      return {
        type: 'pushPull',
        fields: {
          EventLTime: message.eventLTime,
          Events: describeEvents(message.events),
          LTime: message.ltime,
          LeftMembers: message.leftMembers,
          QueryLTime: message.queryLTime,
          StatusLTimes: Object.fromEntries(message.statusLTimes),
        },
      };
  }
}

function describeFilter(bytes: Uint8Array) {
  const filter = decodeFilter(bytes);
  const hex = toHex(bytes);
  if (filter.type === 'node') return { hex, filter: 'node', value: filter.nodes };
  return { hex, filter: 'tag', value: { Expr: filter.expression, Tag: filter.tag } };
}

function describeConflict(
  member: Extract<SerfMessage, { type: 'conflictResponse' }>['member'],
): Record<string, unknown> {
  if (member === undefined) return {};
  return {
    Addr: toHex(member.address),
    DelegateCur: member.delegateCurrent,
    DelegateMax: member.delegateMax,
    DelegateMin: member.delegateMin,
    Name: member.name,
    Port: member.port,
    ProtocolCur: member.protocolCurrent,
    ProtocolMax: member.protocolMax,
    ProtocolMin: member.protocolMin,
    Status: member.status,
    Tags: { ...member.tags },
  };
}

function describeEvents(events: Extract<SerfMessage, { type: 'state' }>['events']) {
  const filled = events.flatMap((group, index) =>
    group === undefined
      ? []
      : [
          [
            index,
            {
              Events: group.events.map(({ name, payload }) => ({
                Name: name,
                Payload: hexOrNull(payload),
              })),
              LTime: group.ltime,
            },
          ],
        ],
  );
  return { count: events.length, non_nil: filled };
}

export function describePushPull(state: PushPullState): Record<string, unknown> {
  return {
    header: {
      fields: {
        Join: state.join,
        Nodes: state.nodes.length,
        UserStateLen: state.userState.length,
      },
    },
    nodes: state.nodes.map((node) => ({
      fields: {
        Addr: toHex(node.address),
        Incarnation: node.incarnation,
        Meta: { hex: toHex(node.meta), tags: { ...decodeTags(node.meta) } },
        Name: node.name,
        Port: node.port,
        State: ['alive', 'suspect', 'dead', 'left'].indexOf(node.state),
        Vsn: toHex(encodeVersions(node.versions)),
      },
    })),
    user_state:
      state.userState.length === 0 ? null : describeSerf(decodeSerfMessage(state.userState)),
  };
}

/** The recording in the same words: what it says twice or only for reading is left out. */
export function asDescribed(vector: unknown): unknown {
  if (Array.isArray(vector)) return vector.map(asDescribed);
  if (vector === null || typeof vector !== 'object') return vector;
  const entry = vector as Record<string, unknown>;
  if (typeof entry['hex'] === 'string' && !('filter' in entry)) {
    if ('tags' in entry) return { hex: entry['hex'], tags: entry['tags'] };
    if ('role' in entry) return { hex: entry['hex'], tags: { role: entry['role'] } };
    return entry['hex'];
  }
  return Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, asDescribed(value)]));
}
