import { z } from 'zod';
import { isKeptAsWritten, settingsSchema } from './settings-schema.js';

/**
 * The configuration's JSON Schema (draft 7), from which editors complete keys, show what they are for and mark mistakes.
 * It is as strict as the agent, but for texts that YAML keeps as they are written: there it lets a number stand.
 */
export function configJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(settingsSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ zodSchema, jsonSchema, path }) => {
      // The agent cuts a fraction off, as Serf does; nobody wants to write one.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) {
        jsonSchema.type = 'integer';
        delete jsonSchema.minimum;
        delete jsonSchema.maximum;
      }
      // Left out by the library where a value is converted.
      const about = z.globalRegistry.get(zodSchema);
      if (about !== undefined && 'default' in about) jsonSchema.default = about['default'];
      if (jsonSchema.type === 'string' && isKeptAsWritten(settingPath(path))) {
        Object.assign(jsonSchema, { type: ['string', 'number', 'boolean'] });
      }
    },
  });
  return { $schema, title: 'Configuration of a tserf agent', ...schema };
}

/** `['properties', 'handlers', 'items', 'properties', 'where']` is `['handlers', '0', 'where']`. */
function settingPath(path: readonly (string | number)[]): string[] {
  const steps: string[] = [];
  for (let at = 0; at < path.length; at++) {
    if (path[at] === 'items') steps.push('0');
    // Names of keys, unlike their values, are always texts.
    else if (path[at] === 'propertyNames') return [];
    else steps.push(String(path[at] === 'properties' ? path[++at] : path[at]));
  }
  return steps;
}
