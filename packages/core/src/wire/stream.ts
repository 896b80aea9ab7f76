import { DecodeError } from './decode-error.js';
import type { Ack, Ping, PushPullState } from './messages.js';
import type { PacketSeal } from './packet.js';
export type StreamMessage =
  | { readonly type: 'pushPull'; readonly state: PushPullState }
  | { readonly type: 'ping'; readonly ping: Ping }
  | { readonly type: 'ack'; readonly ack: Ack }
  | { readonly type: 'user'; readonly body: Uint8Array }
  | { readonly type: 'error'; readonly error: string };
/** A stream that cannot be read. `replyDue`: answer with an error message holding this text, then close. */
export class StreamDecodeError extends DecodeError {
  override readonly name = 'StreamDecodeError';
  readonly replyDue: boolean = false;
}
export function sealStream(message: Uint8Array, seal: PacketSeal, direction: 'dialled' | 'accepted'): Uint8Array { void message; void seal; void direction; throw new Error('being written'); }
export function encodeErrorReply(text: string): Uint8Array { void text; throw new Error('being written'); }
export function encodeStreamUser(body: Uint8Array): Uint8Array { void body; throw new Error('being written'); }
export class StreamDecoder {
  constructor(seal: PacketSeal, role: 'accepting' | 'dialling') { void seal; void role; throw new Error('being written'); }
  push(chunk: Uint8Array): StreamMessage | undefined { void chunk; throw new Error('being written'); }
  /** What the stream's end means: all was there, nothing ever came, or it broke off. No reply is due in any case. */
  end(): 'complete' | 'empty' | 'truncated' { throw new Error('being written'); }
}
