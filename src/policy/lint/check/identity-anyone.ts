import { identitiesOf } from '../identities.ts';
import type { LintCheck } from '../model.ts';
import { has, select } from '../select.ts';

/** Whoever has an account somewhere gets a certificate of the public authority. */
export const identityAnyone: LintCheck = {
  id: 'identity-anyone',
  severity: 'error',
  about: 'Anybody with a certificate of an authority that is trusted counts as a signer',
  find: (document) => [
    ...identitiesOf(document).flatMap(({ path, texts, ownAuthorities }) => {
      if (ownAuthorities) return [];
      const open = (['issuer', 'subject'] as const).filter((member) =>
        texts.filter((each) => each.member === member).every(({ value, kind }) => isOpen(value, kind)),
      );
      if (open.length === 0) return [];
      const sentence = `takes any ${open.join(' and any ')}, which anybody can get a certificate for; write who it must be`;
      return [{ path, sentence }];
    }),
    ...(document.form === 'kyverno'
      ? select(document.value, 'spec.rules[].verifyImages[].attestations[]')
      : []
    ).flatMap(({ path, value }) =>
      has(value, 'attestors[]')
        ? []
        : [{ path, sentence: 'has no attestors, so that statements of anybody count; write attestors' }],
    ),
  ],
};

function isOpen(value: string, kind: string): boolean {
  if (kind === 'glob') return /^[*?]+$/.test(value);
  return kind !== 'text' && /^\^?\(?\.[*+]\)?\$?$/.test(value);
}
