import type { LintCheck } from '../model.ts';
import { select } from '../select.ts';

const year = 365 * 86_400_000;

/** What is excepted for long is forgotten. */
export const exceptionLong: LintCheck = {
  id: 'exception-long',
  severity: 'note',
  about: 'An exception never ends, ends in more than a year, or has ended',
  find({ form, value }, now) {
    if (form === 'kyvernoException') {
      return [
        { path: ['spec'], sentence: 'never ends; write down who removes it and when, or use exceptions that end' },
      ];
    }
    if (form !== 'seaworthy') return [];
    return select(value, 'spec.exceptions[].until').flatMap(({ path, value: until }) => {
      const end = typeof until === 'string' ? Date.parse(until) : Number.NaN;
      if (end - now > year) return [{ path, sentence: 'ends in more than a year; give it a nearer end' }];
      return end <= now ? [{ path, sentence: 'has ended; remove the exception, or give it another end' }] : [];
    });
  },
};
