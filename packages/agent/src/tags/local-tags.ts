import { type LogLevel, type Tags, tagsProblem } from '@tserf/core';
import type { AgentConfig } from '../config/agent-config.js';
import { readTagsFile, TagsFileError, writeTagsFile } from './tags-file.js';

/** What a client asks for: names in both lists are set. */
export interface TagChanges {
  readonly set: Tags;
  readonly delete: readonly string[];
}

type TagSettings = Pick<AgentConfig, 'tags' | 'tagsFile' | 'protocol'>;
type Log = (level: LogLevel, text: string) => void;

/**
 * This node's own tags: those of the configuration or of the tags file, and what was changed since (spec/07 §17).
 * Changes are made one after another, so that none is lost, and each is in the file before the cluster hears of it.
 */
export class LocalTags {
  readonly #settings: TagSettings;
  readonly #log: Log;
  #tags: Tags;
  /** Ends when every change so far is written and on its way. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Reads the tags file, if there is one.
   *
   * @throws {TagsFileError} in Serf's words
   */
  static async open(settings: TagSettings, log: Log): Promise<LocalTags> {
    const { tags, tagsFile } = settings;
    refuseTagsTwice(settings);
    const kept = tagsFile === undefined ? undefined : await readTagsFile(tagsFile);
    if (kept === undefined) return new LocalTags(settings, tags, log);
    log('INFO', `agent: Restored ${Object.keys(kept).length} tag(s) from ${tagsFile}`);
    return new LocalTags(settings, kept, log);
  }

  private constructor(settings: TagSettings, tags: Tags, log: Log) {
    this.#settings = settings;
    this.#tags = { ...tags };
    this.#log = log;
  }

  get current(): Tags {
    return this.#tags;
  }

  /** As a client asks. Rejects with Serf's text; then nothing has changed, but for a time-out of `announce`. */
  update(changes: TagChanges, announce: (tags: Tags) => Promise<void>): Promise<void> {
    return this.#change((tags) => {
      const deleted = new Set(changes.delete);
      const kept = Object.entries(tags).filter(([name]) => !deleted.has(name));
      return { ...Object.fromEntries(kept), ...changes.set };
    }, announce);
  }

  /**
   * The configuration has other tags now: what differs between `before` and `after` is changed here, and what was set
   * at run time stays. (Serf drops it, and empties the tags file.)
   */
  async reload(before: Tags, after: Tags, announce: (tags: Tags) => Promise<void>): Promise<void> {
    const changed = Object.entries(after).filter(
      ([name, value]) => !Object.hasOwn(before, name) || before[name] !== value,
    );
    const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
    if (changed.length + gone.length === 0) return;
    await this.update({ set: Object.fromEntries(changed), delete: gone }, announce);
  }

  async #change(
    next: (tags: Tags) => Tags,
    announce: (tags: Tags) => Promise<void>,
  ): Promise<void> {
    const started = this.#last.then(async () => {
      const tags = next(this.#tags);
      await this.#keep(tags);
      this.#tags = tags;
      // Not awaited here: the next change may follow while the others are being told.
      return { announced: announce(tags) };
    });
    this.#last = started.catch(() => undefined);
    const { announced } = await started;
    await announced;
  }

  /** Serf writes before it checks the size, and then can't start again with what it wrote. */
  async #keep(tags: Tags): Promise<void> {
    const { protocol, tagsFile } = this.#settings;
    const problem = tagsProblem(tags, protocol);
    if (problem !== undefined) throw new Error(problem);
    if (tagsFile === undefined) return;
    try {
      await writeTagsFile(tagsFile, tags);
    } catch (error) {
      if (error instanceof TagsFileError) this.#log('ERR', `agent: ${error.message}`);
      throw error;
    }
  }
}

/** @throws {TagsFileError} when both the configuration and a tags file would say which tags there are */
function refuseTagsTwice({ tags, tagsFile }: TagSettings): void {
  if (tagsFile === undefined || Object.keys(tags).length === 0) return;
  throw new TagsFileError('Tags config not allowed while using tag files');
}
