import { MsgpackWriter } from '@tserf/core/msgpack';
import type { Codec, Unsigned64 } from './codec.js';
import { type CommandName, commands, type ReplyOf, type RequestOf } from './commands.js';
import { requestHeader, responseHeader } from './header.js';

/** A whole request: header, and body if the command has one. */
export function encodeRequest<Name extends CommandName>(
  command: Name,
  seq: Unsigned64,
  request: RequestOf<Name>,
): Uint8Array {
  const writer = new MsgpackWriter('rpc');
  requestHeader.write(writer, { command, seq });
  (commands[command].request as Codec<unknown> | undefined)?.write(writer, request);
  return writer.finish();
}

/** A whole reply. The body goes along even with an error: clients of Serf's wait for it (spec/05 §7). */
export function encodeReply<Name extends CommandName>(
  command: Name,
  seq: Unsigned64,
  error: string,
  reply: ReplyOf<Name>,
): Uint8Array {
  const writer = new MsgpackWriter('rpc');
  responseHeader.write(writer, { seq, error });
  (commands[command].reply as Codec<unknown> | undefined)?.write(writer, reply);
  return writer.finish();
}

/** A header alone: the answer to commands without a reply body, and the refusals that never have one. */
export function encodeHeader(seq: Unsigned64, error: string): Uint8Array {
  const writer = new MsgpackWriter('rpc');
  responseHeader.write(writer, { seq, error });
  return writer.finish();
}

/** Appends one pushed record, header and body, so that many can go out in one write. */
export function writeRecord<T>(
  writer: MsgpackWriter,
  seq: Unsigned64,
  codec: Codec<T>,
  record: T,
): void {
  responseHeader.write(writer, { seq, error: '' });
  codec.write(writer, record);
}
