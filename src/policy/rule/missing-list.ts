import type { FlawList } from '../../finding/vulnerability.ts';
import type { UnknownFact } from '../verdict.ts';

const listNames: Readonly<Record<FlawList, string>> = {
  exploited: 'list of exploited flaws (KEV)',
  epss: 'scores of exploits (EPSS)',
};

/** Says that nobody knows whether flaws are on a list. */
export function missingList(list: FlawList): UnknownFact {
  const reason = `the database that was asked has no ${listNames[list]}`;
  return { kind: 'unknown', what: 'vulnerabilities', state: 'unavailable', reason };
}
