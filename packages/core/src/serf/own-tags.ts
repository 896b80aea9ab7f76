import type { SwimNotice } from '../swim/output.js';
import { encodeTags } from '../wire/tags.js';
import type { RequestId } from './input.js';
import type { Tags } from './member.js';
import type { SerfOptions } from './options.js';
import { tagsProblem } from './options-problem.js';
import type { SerfOutput } from './output.js';

export interface OwnTagsParts {
  readonly emit: (output: SerfOutput) => void;
  /** Makes the membership layer announce the new metadata. It answers later, or at once, through `announced`. */
  readonly announce: (request: RequestId) => void;
}

/** The tags of this node, and the announcing of new ones (spec/03 §5, §10.5). */
export class OwnTags {
  readonly #protocol: number;
  readonly #parts: OwnTagsParts;
  #tags: Tags;
  /** Updates that the membership layer still announces. */
  readonly #updates = new Set<RequestId>();

  constructor(options: Pick<SerfOptions, 'tags' | 'protocol'>, parts: OwnTagsParts) {
    this.#protocol = options.protocol;
    this.#tags = { ...options.tags };
    this.#parts = parts;
  }

  get tags(): Tags {
    return this.#tags;
  }

  /** As the membership layer carries them. */
  meta(): Uint8Array {
    return encodeTags(this.#tags, this.#protocol);
  }

  set(request: RequestId, tags: Tags): void {
    const error = tagsProblem(tags, this.#protocol);
    if (error !== undefined) {
      this.#parts.emit({ type: 'done', request, error });
      return;
    }
    this.#tags = { ...tags };
    this.#updates.add(request);
    this.#parts.announce(request);
  }

  /** The membership layer finished an announcement; false means that it was none of an update. */
  announced(notice: Extract<SwimNotice, { type: 'broadcastFinished' }>): boolean {
    const { token: request, outcome } = notice;
    if (!this.#updates.delete(request)) return false;
    const error = outcome === 'timeout' ? 'timeout waiting for update broadcast' : undefined;
    this.#parts.emit({ type: 'done', request, error });
    return true;
  }
}
