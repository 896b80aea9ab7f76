import { decodeCompressed, maxDecompressedBytes } from './compression.js';
import { DecodeError } from './decode-error.js';
import { readLabel } from './label.js';
import { messageType } from './message-type.js';
import { ObjectScanner } from './object-scanner.js';
import { isEncryptionRequired, type PacketSeal } from './packet.js';
import { bodyOf, type ReadBody, type StreamMessage, type StreamRole } from './stream-body.js';
import { frameLength, frameLengthBytes, openFrame } from './stream-frame.js';

/** A stream that cannot be read: close it. */
export class StreamDecodeError extends DecodeError {
  override readonly name = 'StreamDecodeError';
  /** Send an error message with this text first (spec/01 §10.2). */
  readonly replyDue: boolean;

  constructor(cause: DecodeError, replyDue: boolean) {
    super(cause.code, cause.message, { cause });
    this.replyDue = replyDue;
  }
}

/** What is to be read next. */
type Stage = 'label' | 'type' | 'frameLength' | 'frame' | 'compressed' | 'body' | 'ended';

const scannerLimits = { maxBytes: maxDecompressedBytes, maxDepth: 64 };

/**
 * Reads the one message of one direction of a stream, as it arrives (spec/01 §10). Every byte is looked at once for
 * each layer it is wrapped in, and nothing is set aside for lengths that are only announced. Chunks belong to the
 * decoder; byte strings in the message are views of them or of what was unwrapped.
 */
export class StreamDecoder {
  readonly #seal: PacketSeal;
  readonly #role: StreamRole;
  #stage: Stage;
  #input = new ObjectScanner(scannerLimits);
  /** The input was unwrapped from what arrived: no more will follow. */
  #whole = false;
  #decrypted = false;
  #decompressed = false;
  #frameBytes = 0;
  #readBody: ReadBody | undefined;
  #outcome: 'complete' | 'empty' | 'truncated' = 'empty';

  /** `role` says what this side of the stream is: the one that accepted it looks for a label, the other does not. */
  constructor(seal: PacketSeal, role: StreamRole) {
    this.#seal = seal;
    this.#role = role;
    this.#stage = role === 'accepting' ? 'label' : 'type';
  }

  /**
   * Takes the next bytes; returns the message once it is whole. What follows it is ignored, as Serf does. Raises
   * StreamDecodeError.
   */
  push(chunk: Uint8Array): StreamMessage | undefined {
    if (chunk.length === 0 || this.#stage === 'ended') return undefined;
    this.#outcome = 'truncated';
    this.#input.push(chunk);
    const message = this.#advance();
    if (message !== undefined) {
      this.#stop();
      this.#outcome = 'complete';
    }
    return message;
  }

  /**
   * What it means that the stream ended now: all was there, nothing ever came, or it broke off. Close in any case; a
   * reply is never due.
   */
  end(): 'complete' | 'empty' | 'truncated' {
    this.#stop();
    return this.#outcome;
  }

  #advance(): StreamMessage | undefined {
    for (;;) {
      const stage = this.#stage;
      const message = this.#attempt();
      if (message !== undefined) return message;
      if (this.#stage !== stage) continue;
      if (!this.#whole) return undefined;
      throw this.#failure(new DecodeError('TRUNCATED', 'the message ends too early'), false);
    }
  }

  #attempt(): StreamMessage | undefined {
    try {
      return this.#step();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw this.#failure(error, this.#stage !== 'label' && this.#stage !== 'body');
    }
  }

  /** Goes one stage on if enough has arrived for it. */
  #step(): StreamMessage | undefined {
    switch (this.#stage) {
      case 'label':
        return this.#readLabel();
      case 'type':
        return this.#readType();
      case 'frameLength':
        return this.#readFrameLength();
      case 'frame':
        return this.#readFrame();
      case 'compressed':
        return this.#readCompressed();
      case 'body':
        return this.#readBody?.(this.#input);
      case 'ended':
        return undefined;
    }
  }

  #readLabel(): undefined {
    const start = readLabel(this.#input.peek(), this.#seal.label);
    if (!start.complete) return;
    this.#input.take(start.headerBytes);
    this.#stage = 'type';
  }

  #readType(): undefined {
    const type = this.#input.take(1)?.[0];
    if (type === undefined) return;
    if (type === messageType.encrypted && !this.#decrypted && !this.#decompressed) {
      if (!this.#seal.keyring?.enabled) {
        throw new DecodeError(
          'NO_KEYRING',
          'remote state is encrypted and encryption is not configured',
        );
      }
      this.#stage = 'frameLength';
    } else if (!this.#decrypted && isEncryptionRequired(this.#seal)) {
      throw new DecodeError(
        'NOT_ENCRYPTED',
        'encryption is configured but remote state is not encrypted',
      );
    } else if (type === messageType.compressed && !this.#decompressed) {
      this.#stage = 'compressed';
    } else {
      this.#stage = 'body';
      this.#readBody = bodyOf(type, this.#role, this.#whole);
    }
  }

  #readFrameLength(): undefined {
    const length = this.#input.take(frameLengthBytes);
    if (length === undefined) return;
    this.#frameBytes = frameLength(length);
    this.#stage = 'frame';
  }

  #readFrame(): undefined {
    const payload = this.#input.take(this.#frameBytes);
    const { keyring, label } = this.#seal;
    if (payload === undefined || keyring === undefined) return;
    this.#unwrapTo(openFrame(payload, keyring, label));
    this.#decrypted = true;
  }

  #readCompressed(): undefined {
    const object = this.#input.next();
    if (object === undefined) return;
    this.#unwrapTo(decodeCompressed(object, maxDecompressedBytes));
    this.#decompressed = true;
  }

  #unwrapTo(content: Uint8Array): void {
    if (content.length === 0) throw new DecodeError('EMPTY', 'the stream holds an empty message');
    this.#input = new ObjectScanner(scannerLimits);
    this.#input.push(content);
    this.#whole = true;
    this.#stage = 'type';
  }

  #failure(cause: DecodeError, replyDue: boolean): StreamDecodeError {
    this.#stop();
    return new StreamDecodeError(cause, replyDue && this.#role === 'accepting');
  }

  /** Lets go of what was received. */
  #stop(): void {
    this.#stage = 'ended';
    this.#input = new ObjectScanner(scannerLimits);
    this.#readBody = undefined;
  }
}
