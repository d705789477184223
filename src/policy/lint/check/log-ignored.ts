import { attestorsOf } from '../identities.ts';
import type { LintCheck } from '../model.ts';
import { has, select } from '../select.ts';

const sentence =
  'takes signatures of which nobody vouches when they were made, so that a certificate that is long over signs; name a timestamp authority, or ask for the log';

/** A certificate lives for minutes: without a log or a timestamp, nobody knows whether it signed in them. */
export const logIgnored: LintCheck = {
  id: 'log-ignored',
  severity: 'warning',
  about: 'The transparency log is not asked, and no timestamp authority is in its place',
  find(document) {
    const { form, value } = document;
    if (form === 'kyverno') {
      return attestorsOf(document).flatMap((entry) =>
        ['keyless', 'certificates'].flatMap((kind) =>
          select(entry.value, kind, entry.path).flatMap((each) =>
            has(each.value, 'ctlog.tsaCertChain')
              ? []
              : select(each.value, 'rekor.ignoreTlog', each.path).flatMap(({ path, value: flag }) =>
                  flag === true ? [{ path, sentence }] : [],
                ),
          ),
        ),
      );
    }
    if (form === 'kyvernoCel') {
      return select(value, 'spec.attestors[].cosign').flatMap((each) =>
        !has(each.value, 'keyless') || has(each.value, 'ctlog.tsaCertChain')
          ? []
          : select(each.value, 'ctlog.insecureIgnoreTlog', each.path).flatMap(({ path, value: flag }) =>
              flag === true ? [{ path, sentence }] : [],
            ),
      );
    }
    if (form !== 'seaworthy') return [];
    return select(value, 'spec.signers[]').flatMap((signer) => {
      const byCertificate = has(signer.value, 'identities[]') || has(signer.value, 'certificates[]');
      if (!byCertificate || has(signer.value, 'trust.timestampAuthorities')) return [];
      return select(signer.value, 'trust.log', signer.path).flatMap(({ path, value: log }) =>
        log === 'ignored' ? [{ path, sentence }] : [],
      );
    });
  },
};
