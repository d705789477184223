import assert from 'node:assert/strict';
import { compilePolicy } from '../../src/policy/compile.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { RuleVerdict } from '../../src/policy/verdict.ts';
import type {
  Evidence,
  FindingFacts,
  Gathered,
  ResolvedSubject,
  VulnerabilityFacts,
} from '../../src/policy/evidence.ts';
import type { Policy, Rule } from '../../src/policy/model.ts';
import { parseDigest } from '../../src/oci/digest.ts';

/** The time that policies are asked at, in milliseconds since 1970: 1 June 2026. */
export const testNow: number = Date.parse('2026-06-01T00:00:00Z');

/** A day, in milliseconds. */
export const day = 86_400_000;

/** Something that was learnt an hour ago. */
export function known<Value>(value: Value): Gathered<Value> {
  return { state: 'known', value, at: testNow - 3_600_000 };
}

/** A subject: an image of one's own that is pulled. */
export function makeSubject(parts: Partial<ResolvedSubject> = {}): ResolvedSubject {
  return {
    gate: 'pull',
    registry: 'registry.example.com',
    repository: 'team/app',
    source: 'registry.example.com/team/app',
    tags: ['1.4'],
    digest: parseDigest(`sha256:${'a'.repeat(64)}`),
    platform: { os: 'linux', architecture: 'amd64' },
    kind: 'image',
    ...parts,
  };
}

/** A finding: a critical flaw in openssl with a fix, public for a hundred days. */
export function makeFinding(parts: Partial<FindingFacts> = {}): FindingFacts {
  return {
    id: 'CVE-2026-1000',
    aliases: ['GHSA-aaaa-bbbb-cccc'],
    vendorIds: ['DSA-1000-1'],
    package: { type: 'deb', name: 'openssl', version: '3.0.1', purl: 'pkg:deb/debian/openssl@3.0.1' },
    fixedVersions: ['3.0.9'],
    status: 'fixed',
    severity: 'CRITICAL',
    severitySource: 'debian',
    published: new Date(testNow - 100 * day).toISOString(),
    ...parts,
  };
}

/** What a scan found. */
export function makeScan(
  findings: readonly FindingFacts[],
  parts: Partial<VulnerabilityFacts> = {},
): Gathered<VulnerabilityFacts> {
  return known({ findings, incomplete: [], databaseBuiltAt: testNow - day, ...parts });
}

/** Evidence about {@link makeSubject}'s image. */
export function makeEvidence(parts: Partial<Evidence> = {}): Evidence {
  return { subject: makeSubject(), now: testNow, ...parts };
}

/** A policy of some rules, with two signers and no exceptions. */
export function makePolicy(rules: readonly Rule[], parts: Partial<Policy> = {}): Policy {
  const signers = ['release', 'ci', 'security'].map((name) => ({
    name,
    keys: [{ file: `${name}.pub` }],
    identities: [],
  }));
  return { rules, signers, exceptions: [], unknown: 'deny', ...parts };
}

/** What one rule says of some evidence, under a policy that has no other. */
export function judgeOne(rule: Rule, evidence: Partial<Evidence>): RuleVerdict {
  const [verdict] = evaluate(compilePolicy(makePolicy([rule])), makeEvidence(evidence)).rules;
  assert.ok(verdict !== undefined, 'the rule does not cover the subject');
  return verdict;
}
