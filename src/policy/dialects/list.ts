import { kyvernoDialect } from './kyverno.ts';
import { kyvernoGlobalContextDialect } from './kyverno-global-context.ts';
import { kyvernoImageDialect } from './kyverno-image.ts';
import type { Dialect } from './model.ts';
import { policyControllerDialect } from './policy-controller.ts';
import { seaworthyDialect } from './seaworthy.ts';

/** All dialects. No document is for two of them. */
export const dialects: readonly Dialect[] = [
  seaworthyDialect,
  kyvernoDialect,
  kyvernoGlobalContextDialect,
  kyvernoImageDialect,
  policyControllerDialect,
];
