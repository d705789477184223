import { commandName, type ShellCommand } from '../../lang/shell/command.ts';

const secretOfAws = /(?:^|\.)aws_(?:access_key_id|secret_access_key|session_token)$/;

/** What a login is given that should be known to nobody else; undefined where a command gives nothing of that kind as a literal. */
export function literalOfLogin(command: ShellCommand): string | undefined {
  const [, ...words] = command.words;
  const operands = words.filter((word) => !word.startsWith('-'));
  const starts = (...wanted: readonly string[]): boolean => wanted.every((word, at) => operands[at] === word);
  switch (commandName(command)) {
    case 'aws': {
      const at = operands.findIndex((word) => secretOfAws.test(word));
      return starts('configure', 'set') && at > 0 && isLiteral(operands[at + 1]) ? operands[at] : undefined;
    }
    case 'az':
      return starts('login') ? literalOption(words, ['-p', '--password']) : undefined;
    case 'doctl':
      return starts('auth', 'init') ? literalOption(words, ['-t', '--access-token']) : undefined;
    case 'gcloud':
      return starts('auth') ? literalOption(words, ['--key-file', '--cred-file', '--password-file']) : undefined;
    default:
      return undefined;
  }
}

function literalOption(words: readonly string[], names: readonly string[]): string | undefined {
  for (const [at, word] of words.entries()) {
    const name = names.find((each) => word === each || word.startsWith(`${each}=`));
    if (name === undefined) continue;
    if (isLiteral(word === name ? words[at + 1] : word.slice(name.length + 1))) return name;
  }
  return undefined;
}

/** Not taken from a variable, a command's output, or standard input. */
function isLiteral(value: string | undefined): boolean {
  return value !== undefined && value !== '' && !/^[$`<-]/.test(value);
}
