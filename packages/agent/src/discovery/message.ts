import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  type Question,
} from 'dns-packet';
import { isSameName } from './service.js';

/** RFC 6762 §17: no longer message is allowed. */
const maxMessageBytes = 9_000;
/** Whoever asks more at once is not looking for us. */
const maxQuestions = 32;
/** The top bit of a question's class asks for an answer by unicast (RFC 6762 §5.4); the decoder takes it for the class. */
const unicastBit = 0x8000;

/** What somebody asks; `wantsUnicast`: with the unicast bit set. */
export interface Query {
  readonly id: number;
  readonly wantsUnicast: boolean;
  readonly questions: readonly Question[];
}

/** Where an agent says that it can be joined. */
export interface FoundHost {
  readonly host: string;
  readonly port: number;
}

/** Reads a query, or `undefined` for anything else: on this port everybody says what they like. */
export function readQuery(bytes: Buffer): Query | undefined {
  const packet = read(bytes);
  const questions = packet?.questions ?? [];
  if (packet?.type !== 'query' || questions.length === 0 || questions.length > maxQuestions) {
    return undefined;
  }
  return { id: packet.id ?? 0, wantsUnicast: questions.some(asksForUnicast), questions };
}

function asksForUnicast(question: Question): boolean {
  const number = /^UNKNOWN_(\d+)$/.exec(question.class ?? '')?.[1];
  return number !== undefined && Number(number) >= unicastBit;
}

export function queryFor(serviceName: string): Buffer {
  return encode({
    type: 'query',
    id: 0,
    questions: [{ type: 'PTR', name: serviceName, class: 'IN' }],
  });
}

/** The answer to a query, as Serf frames it: without the question, and with its number only for unicast (spec/07 §9). */
export function replyTo(query: Query, answers: readonly Answer[]): Buffer {
  return encode({
    type: 'response',
    id: query.wantsUnicast ? query.id : 0,
    flags: AUTHORITATIVE_ANSWER,
    answers: [...answers],
  });
}

/**
 * The agents that a message names as members of the service: those with a pointer, a location with a port, an address
 * and a text (spec/07 §9). Empty for anything else.
 */
export function readFoundHosts(bytes: Buffer, serviceName: string): FoundHost[] {
  const packet = read(bytes);
  if (packet?.type !== 'response') return [];
  const records = [...(packet.answers ?? []), ...(packet.additionals ?? [])];
  return records.flatMap((record) =>
    record.type === 'PTR' && isSameName(record.name, serviceName)
      ? (foundHost(records, record.data) ?? [])
      : [],
  );
}

function foundHost(records: readonly Answer[], instance: string): FoundHost | undefined {
  let place: { readonly port: number; readonly target: string } | undefined;
  let hasText = false;
  for (const record of records) {
    if (record.type === 'SRV' && isSameName(record.name, instance)) place = record.data;
    if (record.type === 'TXT' && isSameName(record.name, instance)) hasText = true;
  }
  if (place === undefined || place.port === 0 || !hasText) return undefined;
  const { port, target } = place;
  for (const record of records) {
    if (record.type !== 'A' && record.type !== 'AAAA') continue;
    if (isSameName(record.name, target)) return { host: record.data, port };
  }
  return undefined;
}

/** `dns-packet` throws whatever comes to pass on garbage; all of it means that the bytes are no message for us. */
function read(bytes: Buffer): Packet | undefined {
  if (bytes.length > maxMessageBytes) return undefined;
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}
