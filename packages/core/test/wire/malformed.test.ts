import { expect, test } from 'vitest';
import { DecodeError } from '../../src/wire/decode-error.js';
import { decodeMessage } from '../../src/wire/message-codec.js';
import { openPacket } from '../../src/wire/packet.js';
import { decodeSerfMessage } from '../../src/wire/serf-codec.js';
import { StreamDecodeError, StreamDecoder } from '../../src/wire/stream.js';
import {
  encryptedSeal,
  fromHex,
  joinRepeated,
  type MalformedVector,
  malformed,
  plainSeal,
} from './vectors.js';

const bytesOf = ({ hex, parts }: MalformedVector) =>
  parts === undefined ? fromHex(hex ?? '') : joinRepeated(parts);
const sealOf = ({ target }: MalformedVector) => (target === 'plain' ? plainSeal : encryptedSeal);

/** What became of one packet or stream: the kinds of its messages, and the codes of what was refused. */
interface Outcome {
  readonly taken: string[];
  readonly refused: string[];
}

function readPacket(vector: MalformedVector): Outcome {
  const taken: string[] = [];
  const refused: string[] = [];
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      refused.push(error.code);
    }
  };
  attempt(() => {
    const { parts, rejected } = openPacket(bytesOf(vector), sealOf(vector));
    refused.push(...rejected.map(({ code }) => code));
    for (const part of parts) {
      attempt(() => {
        const message = decodeMessage(part);
        taken.push(message.type === 'user' ? decodeSerfMessage(message.body).type : message.type);
      });
    }
  });
  return { taken, refused };
}

function readStream(vector: MalformedVector): Outcome & { replyDue: boolean } {
  const decoder = new StreamDecoder(sealOf(vector), 'accepting');
  try {
    const message = decoder.push(bytesOf(vector));
    if (message === undefined) return { taken: [], refused: [decoder.end()], replyDue: false };
    if (message.type === 'pushPull' && message.state.userState.length > 0) {
      tryState(message.state.userState);
    }
    return { taken: [message.type], refused: [], replyDue: false };
  } catch (error) {
    if (!(error instanceof StreamDecodeError)) throw error;
    return { taken: [], refused: [error.code], replyDue: error.replyDue };
  }
}

function tryState(userState: Uint8Array): void {
  try {
    decodeSerfMessage(userState);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
}

const outcomes = malformed.map((vector) => ({
  vector,
  label: `${vector.id} ${vector.what}`,
  outcome:
    vector.transport === 'udp' ? { ...readPacket(vector), replyDue: false } : readStream(vector),
}));
const where = (wanted: (vector: MalformedVector) => boolean) =>
  outcomes.filter(({ vector }) => wanted(vector));
const isTaken = (vector: MalformedVector) =>
  outcomes.some(({ vector: other, outcome }) => other === vector && outcome.taken.length > 0);

/** Where tserf is stricter than 0.9.4, which answered these (spec/01 §2.2, §10.4, §16; spec/02 M25). */
const refusedOnPurpose: Record<string, string> = {
  m017: 'ARRAY_BODY',
  m207: 'ARRAY_BODY',
  m208: 'ARRAY_BODY',
  m210: 'ARRAY_BODY',
  m155: 'TOO_DEEP',
  m156: 'TOO_DEEP',
  m234: 'TOO_DEEP',
  m235: 'TOO_DEEP',
  m218: 'BAD_BODY',
  m451: 'OUT_OF_RANGE',
  m093: 'EMPTY', // a relay of nothing
};

test('all that a real agent took as well-formed is taken, and nothing of it refused', () => {
  for (const { label, outcome } of where(({ control }) => control === true)) {
    expect(outcome, label).toMatchObject({ refused: [] });
    expect(outcome.taken, label).not.toEqual([]);
  }
});

test('all that a real agent answered is taken, but for what is refused on purpose', () => {
  const answered = where(({ replies }) => replies.length > 0 && !replies.includes('err'));

  expect(answered.length).toBeGreaterThan(50);
  for (const { vector, label, outcome } of answered) {
    const reason = refusedOnPurpose[vector.id];
    if (reason === undefined) expect(outcome.taken, label).not.toEqual([]);
    else expect(outcome, label).toEqual({ taken: [], refused: [reason], replyDue: false });
  }
});

test('what broke off is not taken for whole', () => {
  // Of a relay only the header is read; what it forwards is for another node to judge.
  const cut = where(
    ({ id, category, what }) =>
      (category === 'truncated' || / cut at /.test(what)) && id !== 'm094',
  );

  expect(cut.length).toBeGreaterThan(80);
  for (const { vector, label, outcome } of cut) {
    if (!vector.what.startsWith('compound')) expect(outcome.taken, label).toEqual([]);
    expect(outcome.refused, label).not.toEqual([]);
  }
});

test('what killed a real agent is refused, unless its harm lies above the codec', () => {
  const harmless = new Set([
    'm274', // an alive about the receiver
    'm275',
    'm389', // a key query without payload
    'm402',
    'm404',
    'm464', // push/pulls of which one entry, or the state, makes no sense
    'm489',
  ]);
  for (const { vector, label } of where(({ crashed }) => crashed)) {
    expect(isTaken(vector), label).toBe(harmless.has(vector.id));
  }
});

test('an error reply is due exactly where a real agent sent one or died before it could', () => {
  const diedInstead = new Set(['m516', 'm522', 'm544']);
  // The newest limits what a compressed message may expand to; 0.9.4 had no such limit.
  const limited = new Set(['m523']);
  for (const { vector, label, outcome } of where(({ transport }) => transport === 'tcp')) {
    const wanted =
      vector.replies.includes('err') || diedInstead.has(vector.id) || limited.has(vector.id);
    expect(outcome.replyDue, label).toBe(wanted);
  }
});

test.each([
  ['wrong crc', 'BAD_CHECKSUM'],
  ['count 0 with trailing ping', 'EMPTY'],
  ['first length 65535', 'BAD_COMPOUND'],
  ['unknown algorithm 1', 'BAD_COMPRESSION'],
  ['no end code', 'BAD_COMPRESSION'],
  ['60 MB of zeros', 'TOO_LARGE'],
  ['bomb in a bomb in a bomb (20 MB)', 'TOO_LARGE'],
  ['SeqNo 2^32', 'OUT_OF_RANGE'],
  ['SeqNo float', 'BAD_BODY'],
  ['Node not utf-8', 'BAD_TEXT'],
  ['SourceAddr of 3 bytes', 'BAD_ADDRESS'],
  ['top value is reserved c1', 'BAD_BODY'],
  ['unknown key, array32 of 2^32-1', 'TRUNCATED'],
  ['alive: Addr empty', 'BAD_ADDRESS'],
  ['alive: Port 0', 'BAD_PORT'],
  ['alive: Vsn of 3', 'BAD_VERSIONS'],
  ['alive: Meta of 513 bytes', 'BAD_META'],
  ['alive: Node empty', 'BAD_NAME'],
  ['alive: Node with zero byte', 'BAD_NAME'],
  ['alive: Node of 5000 bytes', 'BAD_NAME'],
  ['alive: Node not utf-8', 'BAD_TEXT'],
  ['message type 10', 'UNKNOWN_TYPE'],
  ['label on an agent that has none', 'WRONG_LABEL'],
  ['label cut', 'BAD_LABEL'],
  ['wrong key', 'WRONG_KEY'],
  ['sealed nothing, version 1', 'EMPTY'],
  ['version 0, padding byte over the length', 'BAD_ENCRYPTION'],
  ['query: filter of length 0', 'BAD_FILTER'],
  ['event: LTime 2^63', 'OUT_OF_RANGE'],
  ['relay: IP of 3 bytes', 'BAD_ADDRESS'],
])('%s is refused as %s', (what, code) => {
  const [found] = where((vector) => vector.what === what);

  expect(found?.outcome).toMatchObject({ taken: [], refused: [code] });
});

test('whole parts of a compound survive a damaged one beside them', () => {
  const [found] = where(({ what }) => what === 'last length over the end');

  expect(found?.outcome).toMatchObject({ taken: ['ping'], refused: ['BAD_COMPOUND'] });
});

test('sixty-five thousand messages in one packet are not all looked at', () => {
  const [found] = where(({ what }) => what.startsWith('compound of 255 x 255'));

  expect(found?.outcome.taken).toEqual([]);
  expect(found?.outcome.refused.length).toBeLessThanOrEqual(1_025);
});
