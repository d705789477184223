/** Files and folders with the tests that make attacks on signing, from the checkout's root. */
export const verify: string = 'src/signing/verify';
export const entity: string = `${verify}/verify-entity.test.ts`;
export const image: string = 'src/signing/image/verify-image.test.ts';
export const cosign: string = 'src/signing/cosign';
export const tuf: string = 'src/signing/trust/tuf/open-targets.test.ts';
export const images: string = 'test/end-to-end/signing.test.ts';
export const keyless: string = 'test/end-to-end/signing-keyless.test.ts';
export const notation: string = 'test/end-to-end/verify-notation.test.ts';
export const attacks: string = 'test/hostile/signing-attacks.test.ts';
export const tufAttacks: string = 'test/hostile/signing-tuf.test.ts';
export const addresses: string = 'test/hostile/signing-addresses.test.ts';
export const memory: string = 'test/hostile/signing-memory.test.ts';
export const cache: string = 'test/hostile/signing-cache.test.ts';
export const checks: string = 'test/hostile/signing-checks.test.ts';
