/** `@scope/name@^1.0.0`: a name and what is asked of it; undefined for what has no `@` after the name. */
export function splitDescriptor(text: string): { readonly name: string; readonly range: string } | undefined {
  const at = text.indexOf('@', 1);
  return at < 0 ? undefined : { name: text.slice(0, at), range: text.slice(at + 1) };
}
