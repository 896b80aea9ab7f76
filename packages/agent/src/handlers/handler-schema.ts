import { z } from 'zod';
import { duration } from '../config/duration-schema.js';
import { eventForms, parseEventPattern } from '../events/event-pattern.js';

/** An answer to a query may be as large as a stream between members takes. */
const outputLimitBytes = 16 * 1_024 * 1_024;

const script = z.string().min(1, 'must not be empty');

const pattern = z.string().refine((text) => parseEventPattern(text) !== undefined, {
  error: ({ input }) => `'${input}' is no event: write ${eventForms}`,
});

const pause = duration.refine((milliseconds) => milliseconds >= 0, 'must not be negative');

const retry = z
  .strictObject({
    attempts: z.int().min(0).max(1_000).describe('How often a script that failed runs again.'),
    delay: pause.describe('Pause before the first retry, doubled before each further one; 1s.'),
    max_delay: pause.describe('No pause between retries is longer; 1m.'),
  })
  .partial();

/** One entry of `handlers:`. What is absent gets its default in `handlerConfig`. */
export const handlerSchema = z.strictObject({
  name: z.string().optional().describe('What logs and counters call it; the script by default.'),
  script: z
    .union([script, z.array(z.string()).min(1, 'must name a program')])
    .describe('A text for the shell, or a list: a program and its arguments, without a shell.'),
  on: z
    .union([pattern, z.array(pattern).min(1, 'must name an event')])
    .describe('Events it runs for: *, member-join, user:NAME, query:NAME and the like.'),
  where: z
    .record(z.string(), z.string())
    .optional()
    .describe('Tags of this node and the patterns that they must match.'),
  timeout: pause
    .optional()
    .describe('A script that runs longer is ended, with all that it started.'),
  concurrency: z.int().min(1).max(1_000).optional().describe('How many run at once; 1.'),
  queue: z.int().min(0).max(1_000_000).optional().describe('How many events may wait; 1024.'),
  retry: retry.optional().describe('A script that fails runs again.'),
  output_limit: z
    .int()
    .min(0)
    .max(outputLimitBytes)
    .optional()
    .describe('Bytes of output kept, its end; 8192.'),
});

export type HandlerSettings = z.output<typeof handlerSchema>;
