import { z } from 'zod';
import { DurationError, parseGoDuration } from '../go-duration.js';

/** For editors, who have no parser (spec/07 §1.5): `30s`, `1m30s`, `0`; empty is the same as absent. */
const pattern = '^([+-]?(0|((\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h))+))?$';

/** A Go duration as text, to milliseconds; empty is the same as absent, which is 0 in a merge. */
export const duration = z
  .string({ error: 'a duration such as "30s"' })
  .transform((value, context) => {
    if (value === '') return 0;
    try {
      return parseGoDuration(value);
    } catch (error) {
      if (!(error instanceof DurationError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  })
  .meta({ pattern });
