/** Who may be named in a permission. `anonymous` is not: what strangers may do stands in one place, `auth.anonymous`. */
export const subject: RegExp = /^(?:authenticated|(?:user|robot|workload|certificate|group):[^\0-\x1F]+)$/;

/** The two halves of a subject: `user:alice` is `user` and `alice`; `authenticated` has no name. */
export function splitSubject(text: string): { readonly kind: string; readonly name: string } {
  const colon = text.indexOf(':');
  return colon < 0 ? { kind: text, name: '' } : { kind: text.slice(0, colon), name: text.slice(colon + 1) };
}

/** Whether a template such as `ci-{repository}` can give a name. Claims in braces may be anything but empty. */
export function templateMayGive(template: string, name: string): boolean {
  // Matched piece by piece from the left, each as early as possible, which a pattern of lazy runs would not bound.
  const pieces = template.split(/\{[^{}]*\}/);
  const [first = ''] = pieces;
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return template === name;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at + 1);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at + 1 + last.length <= name.length;
}
