import { compileKyvernoPolicies } from '../kyverno/compile.ts';
import { readKyvernoPolicies } from '../kyverno/document/read-documents.ts';
import { compileExtraction } from '../kyverno/extract/compile-extraction.ts';
import { compileVerification } from '../kyverno/verify/compile-verification.ts';
import type { Dialect } from './model.ts';

/** Kyverno's `ClusterPolicy` and `Policy`, and exceptions from them. */
export const kyvernoDialect: Dialect = {
  reads: (apiVersion, kind) =>
    /^kyverno\.io\/v\d/.test(apiVersion) && ['ClusterPolicy', 'Policy', 'PolicyException'].includes(kind),
  async compile(texts, settings) {
    const readings = [];
    for (const { text } of texts) readings.push(await readKyvernoPolicies(text));
    const images = { compileVerification, compileExtraction };
    const { policies, mistakes } = compileKyvernoPolicies(readings, settings.kyverno, images);
    return {
      policies,
      mistakes: mistakes.map(({ reading, ...mistake }) => ({ ...mistake, file: texts[reading]?.file ?? '' })),
    };
  },
};
