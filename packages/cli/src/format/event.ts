import type { EventRecord, MemberRecord } from '@tserf/client';
import { formatGoValue } from './go-value.js';

/** An event as `serf monitor` prints it: a heading, then each field of its record, sorted (spec/06 §4.9). */
export function formatEvent(event: EventRecord): string {
  const lines = fieldsOf(event).map(([key, value]) => `\t${key}: ${formatGoValue(value)}`);
  return ['Event Info:', ...lines].join('\n');
}

/** The record's fields as they travelled, in the order of the wire. */
function fieldsOf(event: EventRecord): [key: string, value: unknown][] {
  switch (event.type) {
    case 'user':
      return [
        ['Coalesce', event.coalesce],
        ['Event', event.type],
        ['LTime', event.lamportTime],
        ['Name', event.name],
        ['Payload', event.payload],
      ];
    case 'query':
      return [
        ['Event', event.type],
        ['ID', event.id],
        ['LTime', event.lamportTime],
        ['Name', event.name],
        ['Payload', event.payload],
      ];
    default:
      return [
        ['Event', event.type],
        ['Members', event.members.map(wireMember)],
      ];
  }
}

function wireMember({ name, address, port, tags, status, versions }: MemberRecord) {
  return {
    Addr: address,
    DelegateCur: versions.delegateCurrent,
    DelegateMax: versions.delegateMax,
    DelegateMin: versions.delegateMin,
    Name: name,
    Port: port,
    ProtocolCur: versions.protocolCurrent,
    ProtocolMax: versions.protocolMax,
    ProtocolMin: versions.protocolMin,
    Status: status,
    Tags: tags,
  };
}
