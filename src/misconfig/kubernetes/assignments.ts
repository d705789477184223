/** `NAME=value`, `name: value`, `"name": "value"`, at the beginning of a line or behind blanks, quotes and separators. */
const assignment =
  /(?<=^|[\s{,;&?"'])([A-Za-z_][\w.-]{0,100})["']?[ \t]{0,8}[=:][ \t]{0,8}("[^"\n]{0,200}|'[^'\n]{0,200}|[^\s,;&"'}]{0,200})/gm;
/** Values that somebody fills in later, or that are a choice and no secret. */
const filledIn = /^["']?(?:\$\{|\$\(|\{\{|%[A-Za-z_]|<|\[|\{|\||>|(?:true|false|null|none|yes|no)?["']?$)/i;

/**
 * The names that are given a value in an entry of a ConfigMap: the entry's own, and those of assignments in
 * it. Empty values and references (`${NAME}`, `$(NAME)`, `{{ name }}`) are none.
 */
export function* assignmentsIn(name: string, value: string): Generator<string> {
  if (!filledIn.test(value.trim())) yield name;
  for (const [, left = '', right = ''] of value.matchAll(assignment)) {
    if (!filledIn.test(right) && !right.startsWith('//')) yield left;
  }
}

/** Whether the last words of a name, in whatever case it is written, are one of some: `REDIS_PASSWORD`, `clientSecret`, `api-token`. */
export function endsIn(name: string, endings: ReadonlySet<string>): boolean {
  const words = name
    .slice(-100)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((each) => each !== '');
  return [1, 2, 3].some((count) => endings.has(words.slice(-count).join(' ')));
}
