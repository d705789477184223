import { exactStyle } from '../kyverno/style.ts';
import { compilePolicyController } from '../policy-controller/compile.ts';
import { readPolicyController } from '../policy-controller/document/read-documents.ts';
import { usualPolicyController } from '../policy-controller/settings.ts';
import type { Dialect } from './model.ts';
import { placed } from './placed.ts';

/** policy-controller's `ClusterImagePolicy`, and the roots of trust that it names. */
export const policyControllerDialect: Dialect = {
  reads: (apiVersion, kind) =>
    /^policy\.sigstore\.dev\/v\d/.test(apiVersion) && ['ClusterImagePolicy', 'TrustRoot'].includes(kind),
  // Its webhook goes by `no-match-policy` where there is no policy at all, since none is about the image then.
  saysWithout: ({ policyController: { noMatch = 'allow' } = {} }) => noMatch !== 'allow',
  async compile(texts, { kyverno, policyController }) {
    const readings = [];
    for (const text of texts) readings.push(await readPolicyController(text));
    const settings = { ...usualPolicyController, ...policyController, exact: kyverno.style === exactStyle };
    const { policies, mistakes } = compilePolicyController(readings, settings);
    return { policies, mistakes: placed(mistakes, texts), advice: [] };
  },
};
