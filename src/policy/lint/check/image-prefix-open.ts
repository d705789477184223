import { imagePatternsOf } from '../patterns.ts';
import type { LintCheck } from '../model.ts';

/** `ghcr.io/org*` is about `ghcr.io/org-evil` too. */
export const imagePrefixOpen: LintCheck = {
  id: 'image-prefix-open',
  severity: 'warning',
  about: 'A pattern ends with a star within a name, so that it matches names that only begin alike',
  find: (document) =>
    imagePatternsOf(document).flatMap(({ path, value, use }) => {
      const [, before = ''] = /^(.*[^/:@*])\*+$/.exec(value) ?? [];
      const name = before.slice(before.lastIndexOf('/') + 1);
      if (before === '' || /[:@]/.test(name) || !/[/.]/.test(before)) return [];
      // What is looked at without need is no harm; what is meant to be is.
      if (use === 'checked' && document.form !== 'kyvernoCel' && document.form !== 'kyverno') return [];
      const matched = use === 'passed' ? 'lets pass' : use === 'refused' ? 'refuses' : 'is about';
      return [{ path, sentence: `${matched} ${before}-evil too; end it with /*, :* or @* after the name` }];
    }),
};
