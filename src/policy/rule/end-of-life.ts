import { assess, type CheckRule, passed } from './check-rule.ts';
import { unknownOf } from './gathered.ts';

/** Compiles a rule about distributions that get no more fixes. */
export function compileEndOfLife(): CheckRule {
  return ({ evidence: { vulnerabilities, now } }) => {
    const missing = unknownOf(vulnerabilities, 'vulnerabilities');
    if (missing !== undefined) return assess({ unknown: [missing] });
    if (vulnerabilities?.state !== 'known') {
      return assess({ violations: [{ kind: 'missing', what: 'vulnerabilities' }] });
    }
    const { distribution, incomplete } = vulnerabilities.value;
    // Without any it has none that could end, as long as nothing was hidden.
    if (distribution === undefined && incomplete.length === 0) return passed;
    const end = distribution?.supportEnd;
    if (end === 'open') return passed;
    if (distribution !== undefined && end !== undefined) {
      if (now < end) return assess({ changesAt: [end] });
      return assess({ violations: [{ kind: 'endOfLife', distribution: distribution.name, since: end }] });
    }
    const reason =
      distribution === undefined
        ? 'its files could not all be read'
        : `it is not known whether ${distribution.name} still gets fixes`;
    return assess({ unknown: [{ kind: 'unknown', what: 'vulnerabilities', state: 'unavailable', reason }] });
  };
}
