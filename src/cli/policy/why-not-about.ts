import type { Subject } from '../../policy/evidence.ts';
import type { RuleScope } from '../../policy/model.ts';
import { compileScope } from '../../policy/scope.ts';

const members = [
  'gates',
  'repositories',
  'exceptRepositories',
  'sources',
  'exceptSources',
  'references',
  'exceptReferences',
  'tags',
  'platforms',
] as const;

const sentences: Readonly<Record<(typeof members)[number], string>> = {
  gates: 'it counts at other gates than a pipeline',
  repositories: 'it is about other repositories',
  exceptRepositories: 'it leaves this repository out',
  sources: 'it is about images from elsewhere',
  exceptSources: 'it leaves images from here out',
  references: 'it is about images that are named otherwise',
  exceptReferences: 'it leaves images out that are named like this',
  tags: 'it is about other tags',
  platforms: 'it is about other platforms',
};

/** Why a rule is not about a subject, for people, without a full stop: each part of its scope that does not include it. */
export function whyNotAbout(scope: RuleScope, subject: Subject): string {
  const reasons = members.flatMap((member) => {
    const value = scope[member];
    if (value === undefined || compileScope({ [member]: value })(subject)) return [];
    const of =
      member === 'gates' || member === 'tags' || member === 'platforms' ? `: ${value.map(textOf).join(', ')}` : '';
    return [`${sentences[member]}${of}`];
  });
  return reasons.join(', and ') || 'it is not about this image';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
