import type { Looked } from '../../evidence/looked.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { formatTime } from '../../base/time-text.ts';
import { describeFact } from '../../policy/explain/describe-fact.ts';
import type { Rule } from '../../policy/model.ts';
import type { Paint } from '../../report/text/style.ts';
import type { ImageReport, KnownEvidence, RuleReport, UnconcernedRule } from './model.ts';
import { decisionLine, outcomeWord, titleOf } from './render-table.ts';

/** Tells of an image all that was looked at, what each rule made of it, and what would change that. */
export function renderExplanation(report: ImageReport, paint: Paint): string {
  const { name, reference, digest, rules, notAbout, warnings, validUntil, exceptions } = report;
  const blocks: string[][] = [
    [
      paint('heading', cleanText(name)),
      `  is ${cleanText(reference)}${digest === undefined ? '' : `, and stands for ${digest}`}`,
    ],
    ...rules.map((rule) => explainRule(rule, report, paint)),
    unconcerned(notAbout),
    unnamedLooks(report),
    [
      ...warnings.map((each) => `${paint('warning', 'warning')}: ${cleanText(each)}`),
      ...exceptions.map(({ name: exception, owner, reason, until }) =>
        cleanText(`The exception "${exception}" of ${owner} holds until ${formatTime(until)}: ${reason}`),
      ),
      decisionLine(report, paint),
      ...(validUntil === undefined ? [] : [`It may be another verdict from ${formatTime(validUntil)} on.`]),
    ],
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.map((line) => `${line}\n`).join(''))
    .join('\n');
}

/** Rules of one policy that are not about it for one reason are told together. */
function unconcerned(rules: ImageReport['notAbout']): string[] {
  const groups = Map.groupBy(rules, ({ policy, why }) => JSON.stringify([policy, why]));
  return [...groups.values()].map((group) => {
    const { policy, why } = group[0] as UnconcernedRule;
    const names = group.map(({ rule }) => (policy === undefined ? rule : `${policy}/${rule}`));
    return cleanText(`${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not about it: ${why}`);
  });
}

function explainRule(rule: RuleReport, report: ImageReport, paint: Paint): string[] {
  const { kind, dialect, action, why, facts, help, exceptions, ended, signers, platforms = [] } = rule;
  const what = kind === undefined ? `${dialect}, about the object` : kind;
  const evidence = report.evidence.filter(
    ({ what: of, platform }) => usesOf(kind).includes(of) && (platform === undefined || platforms.includes(platform)),
  );
  const lines = [
    ...evidence.map(
      ({ what: of, platform, text }) => `${of}${platform === undefined ? '' : ` of ${platform}`}: ${text}`,
    ),
    ...signers.flatMap((signer) => explainLooks(signer, report.looked, kind)),
    ...(facts.length === 0
      ? why === ''
        ? []
        : [why]
      : facts.slice(0, 20).map((fact) => `because ${describeFact(fact)}`)),
    ...(facts.length > 20 ? [`and ${facts.length - 20} more facts`] : []),
    ...exceptions.map((each) => `the exception "${each}" is used`),
    ...ended.map((each) => `the exception "${each}" would cover it, and has ended`),
    ...(help === undefined ? [] : [`what would change it: ${help}`]),
  ];
  return [
    `${paint('heading', cleanText(titleOf(rule)))} (${what}, ${action}): ${outcomeWord(rule)}`,
    ...lines.map((line) => `  ${cleanText(line)}`),
  ];
}

/** Which evidence rules of a kind look at, besides what signers say. */
function usesOf(kind: Rule['kind'] | undefined): readonly KnownEvidence['what'][] {
  switch (kind) {
    case 'vulnerabilities':
    case 'endOfLife':
      return ['vulnerabilities'];
    case 'config':
      return ['image'];
    case 'age':
      return ['image', 'firstSeen'];
    case 'sbom':
      return ['sbom'];
    case 'expression':
      return ['image', 'vulnerabilities', 'sbom'];
    default:
      return [];
  }
}

/** Where a signer was looked for, what was found, and why each does or does not count. */
function explainLooks(signer: string, looked: readonly Looked[], kind: Rule['kind'] | undefined): string[] {
  const own = looked.filter(
    (each) =>
      each.signer === signer &&
      (kind !== 'signatures' || each.predicateType === undefined) &&
      (kind !== 'attestation' || each.predicateType !== undefined),
  );
  if (own.length === 0) return [`signer ${signer}: nothing was looked at`];
  const places = Map.groupBy(own, ({ repository, digest, predicateType }) =>
    [repository, digest, predicateType ?? ''].join(' '),
  );
  return [...places.values()].flatMap((events) => explainPlace(signer, events));
}

function explainPlace(signer: string, events: readonly Looked[]): string[] {
  const [{ repository, digest, predicateType }] = events as readonly [Looked];
  const judged = events.filter((each) => each.kind === 'judged');
  const found = events.reduce((sum, each) => sum + (each.kind === 'place' ? each.found : 0), 0);
  const unreadable = events.flatMap((each) => (each.kind === 'place' ? each.unreadable : []));
  const what = predicateType === undefined ? 'signatures' : `statements of the type ${predicateType}`;
  return [
    `signer ${signer}: ${found} found in ${repository} about ${digest}, of which ${judged.length} may be its ${what}`,
    ...judged.map(
      ({ manifest, layout, by, why }) =>
        `  ${layout} ${manifest}: ${by === undefined ? `does not count: ${why ?? ''}` : `counts, by ${by}`}`,
    ),
    ...unreadable.map((message) => `  could not be read: ${message}`),
  ];
}

/** What was looked at for signers that no rule here names, as policies about objects have them. */
function unnamedLooks({ looked, rules }: ImageReport): string[] {
  const named = new Set(rules.flatMap(({ signers }) => signers));
  const others = [...new Set(looked.map(({ signer }) => signer))].filter((signer) => !named.has(signer));
  return others.flatMap((signer) => explainLooks(signer, looked, undefined)).map(cleanText);
}
