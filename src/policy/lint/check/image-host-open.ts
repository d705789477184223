import { imagePatternsOf } from '../patterns.ts';
import type { LintCheck } from '../model.ts';

/** `*.trusted.io/org/*` is about `evil.io/x.trusted.io/org/a` too. */
export const imageHostOpen: LintCheck = {
  id: 'image-host-open',
  severity: 'warning',
  about: 'A star stands for a part of the host, which it does not end at',
  find: (document) =>
    imagePatternsOf(document).flatMap(({ path, value, use, grammar }) => {
      const slash = value.indexOf('/');
      const host = slash < 0 ? value : value.slice(0, slash);
      const rest = slash < 0 ? '' : value.slice(slash);
      if (grammar === 'parts' ? !host.includes('**') : !host.includes('*')) return [];
      // Everything is meant where nothing else is said.
      if (/^\*+$/.test(host) && (/^[/*]*$/.test(rest) || use === 'checked')) return [];
      const tail = host.replace(/^\*+/, '').replaceAll('*', '');
      const sentence = `matches evil.example/x${tail}${rest.replaceAll('*', 'a')} too, since a star takes slashes; write out the host`;
      return [{ path, sentence }];
    }),
};
