import { createReadStream } from 'node:fs';
import { type FlagTable, text } from './flags.js';
import { showValue } from './format/show.js';
import type { Io } from './io.js';

/** Far above what any agent can be told to take; a pipe without an end must not fill the memory. */
const PAYLOAD_LIMIT_BYTES = 1024 * 1024;

export const payloadFlag = {
  'payload-file': text(
    'FILE',
    'Take the payload from a file, byte by byte, instead of the command line; "-" is standard input.',
  ),
} satisfies FlagTable;

/** The payload that was given, or what is wrong with it, in a sentence. */
export type PayloadResult =
  | { readonly ok: true; readonly payload: Uint8Array | undefined }
  | { readonly ok: false; readonly problem: string };

/**
 * The payload of an event or a query: an argument, or a file. None at all is not the same as an empty one, and travels
 * otherwise (spec/05 §3.3).
 */
export async function readPayload(
  argument: string | undefined,
  file: string | undefined,
  io: Io,
): Promise<PayloadResult> {
  if (file === undefined) {
    return { ok: true, payload: argument === undefined ? undefined : argumentBytes(argument, io) };
  }
  if (argument !== undefined) {
    return { ok: false, problem: 'a payload and -payload-file exclude each other' };
  }
  try {
    return await readAll(file === '-' ? io.input : createReadStream(file));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, problem: `the payload cannot be read: ${showValue(reason)}` };
  }
}

/** An argument's bytes as they were typed: it stands last on the command line. */
function argumentBytes(argument: string, io: Io): Uint8Array {
  const encoded = Buffer.from(argument);
  if (!argument.includes('\ufffd')) return encoded;
  const typed = io.lastArgument();
  // The same text tells that it is this argument, whoever started the process and how.
  return typed !== undefined && Buffer.from(typed).toString() === argument ? typed : encoded;
}

async function readAll(source: AsyncIterable<Uint8Array>): Promise<PayloadResult> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > PAYLOAD_LIMIT_BYTES) {
      return { ok: false, problem: `the payload is larger than ${PAYLOAD_LIMIT_BYTES} bytes` };
    }
    chunks.push(chunk);
  }
  return { ok: true, payload: Buffer.concat(chunks) };
}
