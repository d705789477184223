import { compileKyvernoImages } from '../kyverno-image/compile.ts';
import { readKyvernoImagePolicies } from '../kyverno-image/document/read-documents.ts';
import type { Dialect } from './model.ts';
import { placed } from './placed.ts';

/** Kyverno's policies about images in CEL, and exceptions from them. */
export const kyvernoImageDialect: Dialect = {
  reads: (apiVersion, kind) =>
    /^policies\.kyverno\.io\/v\d/.test(apiVersion) &&
    ['ImageValidatingPolicy', 'NamespacedImageValidatingPolicy', 'PolicyException'].includes(kind),
  async compile(texts, settings) {
    const readings = [];
    for (const text of texts) readings.push(await readKyvernoImagePolicies(text));
    const { policies, mistakes } = compileKyvernoImages(readings, settings.kyverno);
    return { policies, mistakes: placed(mistakes, texts), advice: [] };
  },
};
