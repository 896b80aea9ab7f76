import { bytes, type Codec, struct, text } from './codec.js';

/** What a query pushes (spec/05 §9.2). */
export type QueryRecord = QueryUpdate | { readonly type: 'done' };

/** A node has taken a query, or has answered it. */
export type QueryUpdate =
  | { readonly type: 'ack'; readonly from: string }
  | { readonly type: 'response'; readonly from: string; readonly payload: Uint8Array | undefined };

const flat = struct({ type: ['Type', text], from: ['From', text], payload: ['Payload', bytes] });

/** `undefined` is what a reader skips: a kind that this version does not know, or a record that nobody sent. */
export const queryRecord: Codec<QueryRecord | undefined> = {
  zero: undefined,
  write(writer, record) {
    if (record === undefined) throw new Error('an unknown query record cannot be written');
    flat.write(writer, { ...flat.zero, ...record });
  },
  read(reader) {
    const { type, from, payload } = flat.read(reader);
    if (type === 'done') return { type };
    // At the end of a query Serf now and then emits hundreds of records without a sender (spec/05 §9.2).
    if (from === '') return undefined;
    if (type === 'ack') return { type, from };
    return type === 'response' ? { type, from, payload } : undefined;
  },
};
