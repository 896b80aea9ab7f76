import { DecodeError } from '../wire/decode-error.js';
import { encodeKeyText } from '../wire/key-text.js';
import { type Keyring, KeyringError } from '../wire/keyring.js';
import { decodeSerfMessage, encodeSerfMessage } from '../wire/serf-codec.js';
import { serfMessageType } from '../wire/serf-message-type.js';
import type { KeyResponse } from '../wire/serf-messages.js';
import type { Answers, Asked, ReceivedQuery } from './answers.js';
import type { KeyOperation, KeyringChangeId } from './input.js';
import type { SerfOutput } from './output.js';

/** A keyring of this size or more is not listed whole any more, and kills agents of Serf 0.9.4 that are asked for it. */
const manyKeys = 20;
/** Each packet that cannot be opened is tried with every key. */
const keyLimit = 256;
/** How many bytes of an answer Serf reckons for each key of a list; fewer than a key takes. */
const bytesPerListedKey = 25;

/** Changes whose keys are being written down. A shell that is slower than this is not waited for. */
const unkeptLimit = 64;

export interface KeyAnswersParts {
  /** Without keys there is no encryption. */
  readonly keyring: Keyring;
  /** Whether the shell keeps changed keys, and says so. */
  readonly keepsKeys: boolean;
  readonly answers: Pick<Answers, 'encode' | 'respond'>;
  readonly emit: (output: SerfOutput) => void;
}

/** What this node does when it is asked to change or list its keys (spec/03 §15.1). */
export class KeyAnswers {
  readonly #sizeLimit: number;
  readonly #parts: KeyAnswersParts;
  /** Who asked for the changes whose keys are being written down. */
  readonly #unkept = new Map<KeyringChangeId, Asked>();
  #lastChange: KeyringChangeId = 0;

  /** `sizeLimit`: what the answer with the list may take, encoded, in bytes. */
  constructor(sizeLimit: number, parts: KeyAnswersParts) {
    this.#sizeLimit = sizeLimit;
    this.#parts = parts;
  }

  answer(operation: KeyOperation, query: ReceivedQuery): void {
    const { answers } = this.#parts;
    if (operation !== 'list') {
      const response = this.#change(operation, query);
      if (response !== undefined) answers.respond(query, encodeSerfMessage(response));
      return;
    }
    const payload = this.#list(query);
    if (payload !== undefined) answers.respond(query, payload);
  }

  /** The keys of a change are written down, or cannot be: whoever asked for it hears of that. */
  kept(change: KeyringChangeId, error: string | undefined): void {
    const asked = this.#unkept.get(change);
    if (asked === undefined) return;
    this.#unkept.delete(change);
    const answer = answerOf(error === undefined, error ?? '');
    this.#parts.answers.respond(asked, encodeSerfMessage(answer));
  }

  /** `undefined` when the answer waits until the new keys are kept. */
  #change(operation: Exclude<KeyOperation, 'list'>, query: ReceivedQuery): KeyResponse | undefined {
    const { keyring, keepsKeys, emit } = this.#parts;
    const key = requestedKey(query.payload);
    if (key === undefined) return answerOf(false, '');
    if (!keyring.enabled) {
      return answerOf(false, 'No keyring to modify (encryption not enabled)');
    }
    const error = this.#apply(operation, key);
    emit({ type: 'report', code: 'keyChange', operation, from: query.sourceNode, error });
    if (error !== undefined) return answerOf(false, error);
    this.#lastChange += 1;
    const change = this.#lastChange;
    emit({ type: 'keyringChanged', keys: keyring.keys, change });
    if (!keepsKeys || this.#unkept.size >= unkeptLimit) return answerOf(true, '');
    this.#unkept.set(change, query);
    return undefined;
  }

  /** Why the keyring refuses it, or `undefined` when it is done. */
  #apply(operation: Exclude<KeyOperation, 'list'>, key: Uint8Array): string | undefined {
    const { keyring } = this.#parts;
    try {
      if (operation === 'install') return this.#install(key);
      if (operation === 'use') keyring.use(key);
      else keyring.remove(key);
      return undefined;
    } catch (error) {
      if (!(error instanceof KeyringError)) throw error;
      return error.message;
    }
  }

  #install(key: Uint8Array): string | undefined {
    const { keyring, emit } = this.#parts;
    const before = keyring.keys.length;
    if (before >= keyLimit && !keyring.has(key))
      return `the keyring is full: it has ${keyLimit} keys`;
    keyring.add(key);
    const { length } = keyring.keys;
    if (length > before && length >= manyKeys) {
      emit({ type: 'report', code: 'manyKeys', count: length });
    }
    return undefined;
  }

  #list(asked: Asked): Uint8Array | undefined {
    const { keyring, answers, emit } = this.#parts;
    if (!keyring.enabled) {
      return encodeSerfMessage(answerOf(false, 'Keyring is empty (encryption not enabled)'));
    }
    const keys = keyring.keys.map(encodeKeyText);
    const list = { ...answerOf(true, ''), keys, primaryKey: keys[0] ?? '' };
    const fits = (payload: Uint8Array) => answers.encode(asked, payload).length <= this.#sizeLimit;
    const fitted = fittingKeyList(list, Math.floor(this.#sizeLimit / bytesPerListedKey), fits);
    if (fitted === undefined || fitted.shown < keys.length) {
      emit({
        type: 'report',
        code: 'keyListTruncated',
        shown: fitted?.shown ?? 0,
        total: keys.length,
      });
    }
    return fitted?.payload;
  }
}

/**
 * The answer with as many keys of the list as fit, first ones first; `undefined` when not even one does. Every member
 * that lists keys expects to find them cut in this way. `atMost`: where Serf starts when the whole list is too long.
 */
export function fittingKeyList(
  list: KeyResponse & { readonly keys: readonly string[] },
  atMost: number,
  fits: (payload: Uint8Array) => boolean,
): { readonly payload: Uint8Array; readonly shown: number } | undefined {
  const total = list.keys.length;
  let payload = encodeSerfMessage(list);
  let shown = total;
  for (let next = Math.min(atMost, total); !fits(payload); next -= 1) {
    if (next <= 0) return undefined;
    const message = `truncated key list response, showing first ${next} of ${total} keys`;
    payload = encodeSerfMessage({ ...list, keys: list.keys.slice(0, next), message });
    shown = next;
  }
  return { payload, shown };
}

function answerOf(result: boolean, message: string): KeyResponse {
  return { type: 'keyResponse', result, message, keys: undefined, primaryKey: '' };
}

/** Serf does not look at the type byte of the request; an empty one kills it (spec/03 §24, 6). */
function requestedKey(payload: Uint8Array | undefined): Uint8Array | undefined {
  if (payload === undefined || payload.length === 0) return undefined;
  const body = payload.slice();
  body[0] = serfMessageType.keyRequest;
  try {
    const message = decodeSerfMessage(body);
    return message.type === 'keyRequest' ? message.key : undefined;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}
