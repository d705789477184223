import type { CloudKeychains } from '../src/cloud/keychains.ts';

/** Of a machine that is nobody at any cloud. */
export const noClouds: Pick<CloudKeychains, 'of'> = { of: () => ({ find: () => Promise.resolve(undefined) }) };
