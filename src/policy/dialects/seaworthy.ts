import { readPolicy } from '../seaworthy/read-policy.ts';
import { compileImagePolicies } from '../seaworthy/resource-policy.ts';
import type { Dialect } from './model.ts';

/** Our own `ImagePolicy`. Documents of the older form `Policy` give signers and exceptions to those of the newer one. */
export const seaworthyDialect: Dialect = {
  reads: (apiVersion) => /^seaworthy\.dev\/v\d/.test(apiVersion),
  async compile(texts) {
    const reading = await readPolicy(texts);
    if (reading.mistakes !== undefined) return { policies: [], mistakes: reading.mistakes };
    const access = { plainHttp: false, secrets: [], providers: [] };
    return { policies: compileImagePolicies(reading.imagePolicies, { access }), mistakes: [] };
  },
};
