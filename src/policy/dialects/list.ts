import { kyvernoDialect } from './kyverno.ts';
import type { Dialect } from './model.ts';
import { seaworthyDialect } from './seaworthy.ts';

/** All dialects. No document is for two of them. */
export const dialects: readonly Dialect[] = [seaworthyDialect, kyvernoDialect];
