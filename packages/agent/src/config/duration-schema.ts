import { z } from 'zod';
import { DurationError, parseGoDuration } from '../go-duration.js';

/** A Go duration as text, to milliseconds; empty is the same as absent, which is 0 in a merge. */
export const duration = z.string().transform((value, context) => {
  if (value === '') return 0;
  try {
    return parseGoDuration(value);
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
});
