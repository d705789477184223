import { severities } from '../src/finding/severity.ts';
import { parseDigest } from '../src/oci/digest.ts';
import { compilePolicy } from '../src/policy/compile.ts';
import { evaluate } from '../src/policy/evaluate.ts';
import type { Evidence, FindingFacts } from '../src/policy/evidence.ts';
import type { Policy, Rule } from '../src/policy/model.ts';
import type { Line } from './workspace.ts';

const now = Date.parse('2026-06-01T00:00:00Z');
const day = 86_400_000;

function finding(index: number): FindingFacts {
  const name = `lib${index % 60}`;
  return {
    id: `CVE-2026-${10_000 + ((index * 7919) % 90_000)}`,
    aliases: [`GHSA-${index}`],
    vendorIds: [`DSA-${index % 40}-1`],
    package: { type: 'deb', name, version: '1.2.3', purl: `pkg:deb/debian/${name}@1.2.3?arch=amd64` },
    fixedVersions: index % 2 === 0 ? ['1.2.4'] : [],
    status: index % 2 === 0 ? 'fixed' : 'affected',
    severity: severities[index % severities.length] ?? 'LOW',
    severitySource: 'debian',
    published: new Date(now - index * day).toISOString(),
    ...(index % 50 === 0 ? { knownExploited: { dateAdded: '2026-05-01', ransomware: false } } : {}),
  };
}

/** Fifty rules of the kinds that people write most; `breaks` decides whether the rules on findings meet any. */
function policyOf(breaks: boolean): Policy {
  const rules = Array.from({ length: 50 }, (_, index): Rule => {
    const base = {
      name: `rule-${index}`,
      action: 'deny' as const,
      match: { repositories: ['team/**', 'docker.io/library/*'], exceptRepositories: [`sandbox-${index}/**`] },
    };
    if (index % 5 === 3) return { ...base, kind: 'signatures', signers: ['release', 'ci'], atLeast: 1 };
    if (index % 5 === 4) return { ...base, kind: 'source', allow: ['registry.example.com/**', 'docker.io/**'] };
    const packages = breaks ? ['lib*'] : ['nothing-*'];
    return {
      ...base,
      kind: 'vulnerabilities',
      severity: 'HIGH',
      packages,
      grace: { for: 7 * day, since: 'published' },
    };
  });
  const signers = ['release', 'ci'].map((name) => ({ name, keys: [{ pem: name }], identities: [] }));
  const exceptions = Array.from({ length: 500 }, (_, index) => ({
    name: `exception-${index}`,
    owner: 'team',
    reason: 'later',
    until: now + day,
    ids: [`CVE-2026-${index}`],
    repositories: [`team/${index}`],
  }));
  return { rules, signers, exceptions, unknown: 'deny' };
}

const evidence: Evidence = {
  now,
  subject: {
    gate: 'pull',
    repository: 'team/app',
    source: 'registry.example.com/team/app',
    tags: ['1.4'],
    digest: parseDigest(`sha256:${'a'.repeat(64)}`),
    platform: { os: 'linux', architecture: 'amd64' },
    kind: 'image',
  },
  vulnerabilities: {
    state: 'known',
    at: now,
    value: { findings: Array.from({ length: 300 }, (_, index) => finding(index)), incomplete: [] },
  },
  signatures: {
    release: { state: 'known', at: now, value: { verified: true, by: ['k'] } },
    ci: { state: 'absent', at: now },
  },
};

/** How long a policy of 50 rules and 500 exceptions takes to judge an image with 300 findings of which all is known. */
export function policyBench(): Promise<readonly Line[]> {
  return Promise.resolve(
    [false, true].flatMap((breaks) => {
      const compiled = compilePolicy(policyOf(breaks));
      const times = Array.from({ length: 3000 }, () => {
        const start = performance.now();
        evaluate(compiled, evidence);
        return performance.now() - start;
      });
      // The first ones are the compiler's.
      const sorted = times.slice(500).sort((a, b) => a - b);
      const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
      const what = breaks ? 'a verdict with 30 broken rules' : 'a verdict that allows';
      return [
        { label: `${what}, median`, value: `${at(0.5).toFixed(3)} ms`, bar: '≤ 1 ms', met: at(0.5) <= 1 },
        { label: `${what}, 99th of 100`, value: `${at(0.99).toFixed(3)} ms` },
      ];
    }),
  );
}
