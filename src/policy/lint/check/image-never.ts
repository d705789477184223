import type { LintCheck } from '../model.ts';
import { imagePatternsOf } from '../patterns.ts';

/** Kyverno puts the registry before names that have none, and only then compares them. */
export const imageNever: LintCheck = {
  id: 'image-never',
  severity: 'error',
  about: 'A pattern without a registry is about no image, which nobody verifies then',
  find(document) {
    if (document.form !== 'kyverno') return [];
    return imagePatternsOf(document)
      .filter(({ use }) => use === 'checked')
      .flatMap(({ path, value }) => {
        const [host = '', ...rest] = value.split('/');
        // A name with a dot or a port is that of a registry (Kyverno, `addDefaultRegistry`).
        const isHost = /[.*?]/.test(rest.length === 0 ? host.slice(0, 1) : host) || host.startsWith('localhost');
        const hasPort = rest.length > 0 && host.includes(':');
        if (value === '' || isHost || hasPort || /[A-Z{]/.test(host) || (rest.length === 0 && host.includes('.'))) {
          return [];
        }
        return [{ path, sentence: `is about no image, since names begin with a registry; write docker.io/${value}` }];
      });
  },
};
