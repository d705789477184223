import type { DigestRule } from '../model.ts';
import { assess, type CheckRule, passed } from './check-rule.ts';

/**
 * Compiles a rule about how images are named. It is broken only by whoever names one by its tag, and not where the gate puts the digest
 * in itself.
 */
export function compileDigest({ pin, required }: DigestRule): CheckRule {
  return ({ subject: { named, pins } }) => {
    if (!required || named !== 'tag' || (pin && pins === true)) return passed;
    return assess({ violations: [{ kind: 'digest' }] });
  };
}
