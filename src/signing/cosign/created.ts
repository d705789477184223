import { SigningError } from '../error.ts';

/**
 * The time that is written into what is made: `SOURCE_DATE_EPOCH`, where that is set, so that the same input gives the
 * same bytes (reproducible-builds.org, "SOURCE_DATE_EPOCH").
 *
 * @throws SigningError SIGNING_CONFIG_INVALID for a value that is no number of seconds
 */
export function creationTime(env: Readonly<Record<string, string | undefined>>, now: () => Date): Date {
  const epoch = env['SOURCE_DATE_EPOCH'];
  if (epoch === undefined || epoch === '') return now();
  if (/^\d{1,11}$/.test(epoch)) return new Date(Number(epoch) * 1000);
  const sentence = `SOURCE_DATE_EPOCH is "${epoch.slice(0, 40)}", which is no number of seconds since 1970`;
  throw new SigningError('SIGNING_CONFIG_INVALID', sentence);
}
