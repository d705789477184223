import type { LintCheck, LintDocument } from '../model.ts';
import { covers, type ImagePattern, imagePatternsOf } from '../patterns.ts';
import { has, select } from '../select.ts';

/** Where one policy allows nothing that another one lets pass, no image passes both. */
export const sourcesContradict: LintCheck = {
  id: 'sources-contradict',
  severity: 'warning',
  about: 'A policy allows sources that another one about the same images denies',
  findAcross(documents) {
    const own = documents.filter((each) => each.form === 'seaworthy' && isAboutAll(each));
    return own.flatMap((at) =>
      patternsOf(at, 'allow').flatMap((allowed) =>
        own.flatMap((other) => {
          if (other === at) return [];
          const denied = patternsOf(other, 'deny').find((each) => covers(each, allowed));
          if (denied === undefined) return [];
          const sentence = `allows what the policy "${nameOf(other)}" denies as ${denied.value}; no such image passes both`;
          return [{ at, path: allowed.path, sentence }];
        }),
      ),
    );
  },
};

/** Policies about some images, objects or gates alone may be about different ones. */
function isAboutAll({ value }: LintDocument): boolean {
  const narrow = [
    'images',
    'exceptImages',
    'repositories',
    'exceptRepositories',
    'tags',
    'platforms',
    'gates',
    'match',
  ];
  if (narrow.some((member) => has(value, `spec.${member}`))) return false;
  return select(value, 'spec.enforcement').every((each) => each.value === 'enforce');
}

function patternsOf(document: LintDocument, member: 'allow' | 'deny'): readonly ImagePattern[] {
  return imagePatternsOf(document).filter(({ path }) => path[1] === 'sources' && path[2] === member);
}

function nameOf({ value }: LintDocument): string {
  const [name] = select(value, 'metadata.name');
  return typeof name?.value === 'string' ? name.value : '';
}
