import type { Problem } from '../base/problem.ts';
import type { VulnerabilityFacts } from '../policy/evidence.ts';
import { factsOfDatabase, vulnerabilityFacts } from '../scan/vulnerability-facts.ts';
import type { Settings } from './config/settings.ts';
import type { Lookup } from './lookup.ts';
import type { ReadTarget } from './scan-session.ts';

/**
 * What policies look at in something that was read. They ask about all kinds of packages, whatever reports tell of, and what a scan was told
 * to leave out is not known to them: other gates would have looked at it.
 *
 * @throws VulndbError
 */
export function policyFacts(
  target: ReadTarget,
  lookup: Pick<Lookup, 'report'>,
  settings: Pick<Settings, 'skipDirs' | 'skipFiles'>,
): VulnerabilityFacts {
  const { findings, problems, database } = lookup.report(target, ['os', 'library']);
  const { distro } = target.inventory;
  return vulnerabilityFacts({
    findings,
    problems: [...problems, ...leftOut(settings)],
    ...(database === undefined ? {} : factsOfDatabase(database)),
    ...(distro === undefined ? {} : { distro }),
  });
}

function leftOut({ skipDirs, skipFiles }: Pick<Settings, 'skipDirs' | 'skipFiles'>): Problem[] {
  const settings = [
    ['scan.skip-dirs', skipDirs],
    ['scan.skip-files', skipFiles],
  ] as const;
  return settings.flatMap(([subject, patterns]): Problem[] => {
    if (patterns.length === 0) return [];
    const message = `The scan left out ${patterns.join(', ')}; scan without --${subject.slice('scan.'.length)}`;
    return [{ code: 'LEFT_OUT', subject, message, incomplete: true }];
  });
}
