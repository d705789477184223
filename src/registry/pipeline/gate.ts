import type { Call } from './call.ts';

/**
 * Decides whether content may pass, after its sender was found to be allowed and before anything is done. It throws
 * RegistryError DENIED, whose message says which rule and what to do.
 */
export type Gate = (call: Call) => Promise<void> | void;

/** Lets everything pass, where no policy is set. */
export const openGate: Gate = () => undefined;
