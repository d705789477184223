import { compileKyvernoPolicies } from '../kyverno/compile.ts';
import { readKyvernoPolicies } from '../kyverno/document/read-documents.ts';
import type { Dialect } from './model.ts';
import { placed } from './placed.ts';

/** Kyverno's `ClusterPolicy` and `Policy`, and exceptions from them. */
export const kyvernoDialect: Dialect = {
  reads: (apiVersion, kind) =>
    /^kyverno\.io\/v\d/.test(apiVersion) && ['ClusterPolicy', 'Policy', 'PolicyException'].includes(kind),
  async compile(texts, settings) {
    const readings = [];
    for (const text of texts) readings.push(await readKyvernoPolicies(text));
    const { policies, mistakes, advice } = compileKyvernoPolicies(readings, settings.kyverno);
    return { policies, mistakes: placed(mistakes, texts), advice: placed(advice, texts) };
  },
};
