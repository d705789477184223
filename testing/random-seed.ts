/**
 * Preloaded into a run of all tests (`node --import`): `FAST_CHECK_SEED`, a whole number, makes properties draw the
 * same cases each time. The gate of changes has one, so that what is red there is red because of the change; without it
 * each run draws new cases, which is how the rest is found.
 */
import { configureGlobal, readConfigureGlobal } from 'fast-check';

const text = process.env['FAST_CHECK_SEED'];
if (text !== undefined) {
  const seed = Number(text);
  if (!Number.isInteger(seed)) throw new Error(`FAST_CHECK_SEED is "${text}"; make it a whole number`);
  configureGlobal({ ...readConfigureGlobal(), seed });
}
