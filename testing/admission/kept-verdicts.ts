import { createHash } from 'node:crypto';
import type { KeptVerdict } from '../../src/admission/verdict-cache/model.ts';
import { parseDigest } from '../../src/oci/digest.ts';

/** A verdict that allows an image; keys are made of names, as those of questions are. */
export function keptVerdict(name: string, change: Partial<KeptVerdict> = {}): KeptVerdict {
  const at = change.at ?? Date.UTC(2026, 0, 1);
  return {
    key: createHash('sha256').update(name).digest('hex'),
    digest: parseDigest(`sha256:${'a'.repeat(64)}`),
    image: `registry.test/${name}`,
    verdict: {
      decision: 'allow',
      rules: [],
      message: '',
      warnings: [],
      exceptions: [],
      opened: [],
      pin: true,
      pending: [],
      policyHash: 'f'.repeat(64),
    },
    at,
    until: at + 3_600_000,
    staleUntil: at + 86_400_000,
    ...change,
  };
}
