import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { MatchBlock, ResourceFilter } from '../document/match/model.ts';
import type { KyvernoRule, KyvernoValidation } from '../document/policy/model.ts';
import { type AutogenKinds, isPod } from './controllers.ts';

/** Names of members that lead from an object to the description of its pods. */
const toTemplate = ['spec', 'template'] as const;
const toCronTemplate = ['spec', 'jobTemplate', 'spec', 'template'] as const;

/**
 * The rules that a rule about pods stands for besides itself (Kyverno, "Auto-Gen Rules"): the same for what makes pods, with patterns and
 * variables that lead to their templates. Images need no other names: they are found in templates too. Extractors stay with the rule.
 */
export function extendRule(rule: KyvernoRule, { controllers, cronJobs }: AutogenKinds): readonly KyvernoRule[] {
  if (rule.name.startsWith('autogen-') || rule.mutate !== undefined || rule.generate !== undefined) return [];
  const excluded = rule.exclude === undefined ? [] : kindsOf(rule.exclude);
  if (!kindsOf(rule.match).some(isPod) || (excluded.length > 0 && !excluded.some(isPod))) return [];
  return [
    ...(controllers.length === 0 ? [] : [extended(rule, 'autogen', controllers, toTemplate)]),
    ...(cronJobs.length === 0 ? [] : [extended(rule, 'autogen-cronjob', cronJobs, toCronTemplate)]),
  ];
}

function extended(rule: KyvernoRule, prefix: string, kinds: readonly string[], path: readonly string[]): KyvernoRule {
  const { imageExtractors: _imageExtractors, match, exclude, validate, ...rest } = rule;
  const made: KyvernoRule = {
    ...rest,
    match: ofKinds(match, kinds),
    ...(exclude === undefined ? {} : { exclude: ofKinds(exclude, kinds) }),
    ...(validate === undefined ? {} : { validate: shifted(validate, path) }),
  };
  // Names are shortened as those of Kubernetes are; what stands in texts is replaced wherever it stands, in messages as well.
  const name = `${prefix}-${rule.name}`.slice(0, 63);
  return { ...withTemplates(made, path, validate?.cel !== undefined), name };
}

/**
 * What was about pods is about these kinds, and so is what names no kind. Other kinds beside pods are left to the rule itself, whose
 * patterns are about them.
 */
function ofKinds({ any, all, ...own }: MatchBlock, kinds: readonly string[]): MatchBlock {
  if (any !== undefined) {
    return { any: any.filter(isExtended).map((each) => filterOfKinds(each, kinds)) };
  }
  if (all !== undefined) return { all: all.map((each) => (isExtended(each) ? filterOfKinds(each, kinds) : each)) };
  return filterOfKinds(own, kinds);
}

function isExtended({ resources }: ResourceFilter): boolean {
  return resources?.kinds === undefined || resources.kinds.some(isPod);
}

function filterOfKinds(filter: ResourceFilter, kinds: readonly string[]): ResourceFilter {
  return { ...filter, resources: { ...filter.resources, kinds } };
}

function shifted(validate: KyvernoValidation, path: readonly string[]): KyvernoValidation {
  const { pattern, anyPattern } = validate;
  if (pattern !== undefined) return { ...validate, pattern: below(pattern, path) };
  if (anyPattern !== undefined) return { ...validate, anyPattern: anyPattern.map((each) => below(each, path)) };
  return validate;
}

function below(pattern: JsonValue, path: readonly string[]): JsonValue {
  return path.reduceRight<JsonValue>((within, name) => ({ [name]: within }), pattern);
}

/** Expressions of CEL may begin at `object`, all others at `request`. */
function withTemplates(rule: KyvernoRule, path: readonly string[], isCel: boolean): KyvernoRule {
  const roots = (isCel ? ['object', 'oldObject'] : ['request.object', 'request.oldObject']) as readonly string[];
  let text = JSON.stringify(rule);
  for (const member of ['spec', 'metadata']) {
    for (const root of roots) text = text.replaceAll(`${root}.${member}`, `${root}.${path.join('.')}.${member}`);
  }
  return JSON.parse(text) as KyvernoRule;
}

function kindsOf({ any = [], all = [], resources }: MatchBlock): readonly string[] {
  return [{ resources }, ...any, ...all].flatMap((each) => each.resources?.kinds ?? []);
}
