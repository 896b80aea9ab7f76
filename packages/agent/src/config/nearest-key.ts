import { nearestWord } from '../nearest-word.js';
import { flagOfKey } from './flag-names.js';

/** Flags have other names than their keys, and are what people remember. */
const keyOfFlag: ReadonlyMap<string, string> = new Map([
  ...[...flagOfKey].map(([key, flag]) => [normal(flag), key] as const),
  ['name', 'node_name'],
  ['leave_on_interrupt', 'skip_leave_on_interrupt'],
]);

/** The known key that was probably meant, or undefined when none is near. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const word = normal(key);
  const ofFlag = keyOfFlag.get(word)?.split('.')[0];
  if (ofFlag !== undefined && known.includes(ofFlag)) return ofFlag;
  return nearestWord(word, known);
}

function normal(word: string): string {
  return word.toLowerCase().replaceAll(/[-. ]/g, '_');
}
