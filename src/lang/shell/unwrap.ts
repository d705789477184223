/** Commands that run the one that follows them, with those of their options that take a value. */
const wrappers: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['command', new Set<string>()],
  ['doas', new Set(['-u', '-C'])],
  ['env', new Set(['-u', '--unset', '-C', '--chdir', '-S'])],
  ['exec', new Set(['-a'])],
  ['gosu', new Set<string>()],
  ['nice', new Set(['-n', '--adjustment'])],
  ['nohup', new Set<string>()],
  ['retry', new Set<string>()],
  ['stdbuf', new Set(['-i', '-o', '-e'])],
  [
    'sudo',
    new Set(['-u', '--user', '-g', '--group', '-C', '-D', '--chdir', '-h', '--host', '-p', '--prompt', '-r', '-t']),
  ],
  ['time', new Set(['-f', '--format', '-o', '--output'])],
  ['timeout', new Set(['-s', '--signal', '-k', '--kill-after'])],
  [
    'xargs',
    new Set(['-a', '-d', '-E', '-I', '-L', '-n', '-P', '-s', '--max-args', '--max-procs', '--arg-file', '--delimiter']),
  ],
]);

/** Words of theirs that come before the command: a user, a time. */
const operands: ReadonlyMap<string, number> = new Map([
  ['gosu', 1],
  ['timeout', 1],
]);

const shells: ReadonlySet<string> = new Set(['ash', 'bash', 'dash', 'ksh', 'sh', 'zsh']);

/** True for the name of a shell that reads scripts of POSIX's kind. */
export function isShell(name: string): boolean {
  return shells.has(name.slice(name.lastIndexOf('/') + 1));
}

/** What a command runs, where that is another command or a script that it is given as a text. */
export function unwrap(
  words: readonly string[],
): { readonly words: readonly string[] } | { readonly script: string } | undefined {
  const [first = ''] = words;
  const name = first.slice(first.lastIndexOf('/') + 1);
  if (name === 'eval') return { script: words.slice(1).join(' ') };
  if (shells.has(name)) {
    const at = words.findIndex((word, index) => index > 0 && /^-[a-z]*c[a-z]*$/i.test(word));
    // Options may stand between "-c" and its text: "sh -c -e …".
    const script = at < 0 ? undefined : words.slice(at + 1).find((word) => !word.startsWith('-'));
    return script === undefined ? undefined : { script };
  }
  const valued = wrappers.get(name);
  if (valued === undefined) return undefined;
  let at = 1;
  for (; at < words.length; at += 1) {
    const word = words[at] as string;
    if (word === '--') {
      at += 1;
      break;
    }
    if (valued.has(word)) at += 1;
    else if (!word.startsWith('-') && !/^[A-Za-z_]\w*=/.test(word)) break;
  }
  return { words: words.slice(at + (operands.get(name) ?? 0)) };
}
