import type { LogLevel } from '@tserf/core';

/** One log record. `text` names its component (`agent: …`, `serf: …`) and may hold line ends. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly text: string;
  /** The record as Serf writes it: `2026/11/23 12:37:56 [INFO] agent: …` (spec/07 §12.1). */
  readonly line: string;
}

/** Twice what a script's output may have. Records are kept, and others choose what stands in some of them. */
const textLimit = 16_384;

/** A longer text is cut, and says so. */
export function logRecord(level: LogLevel, whole: string, when: Date): LogRecord {
  const text = whole.length > textLimit ? cut(whole) : whole;
  return { level, text, line: `${timestamp(when)} [${level}] ${text}` };
}

function cut(text: string): string {
  // By way of bytes: a part of a text keeps all of it in memory.
  const start = Buffer.from(text.slice(0, textLimit)).toString();
  return `${start}… (${text.length} characters in all)`;
}

/** Local time, to the second. */
function timestamp(when: Date): string {
  const date = [when.getFullYear(), when.getMonth() + 1, when.getDate()].map(twoDigits).join('/');
  const time = [when.getHours(), when.getMinutes(), when.getSeconds()].map(twoDigits).join(':');
  return `${date} ${time}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

const ranks: { readonly [level in LogLevel]: number } = {
  TRACE: 0,
  DEBUG: 1,
  INFO: 2,
  WARN: 3,
  ERR: 4,
};

export function isAtLeast(level: LogLevel, minimum: LogLevel): boolean {
  return ranks[level] >= ranks[minimum];
}
