/** A Python project's name as indexes compare it (PEP 503): `Foo.Bar_baz` is `foo-bar-baz`. */
export function normalName(name: string): string {
  return name.replaceAll(/[-_.]+/g, '-').toLowerCase();
}

/** The name at the start of a requirement (PEP 508), `requests[socks]>=2; python_version < "3"`; undefined when there is none. */
export function requirementName(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const [name] = /^\s*[A-Za-z0-9][A-Za-z0-9._-]*/.exec(text) ?? [];
  return name === undefined ? undefined : normalName(name.trim());
}
