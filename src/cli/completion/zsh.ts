import { everyCommandOf, namesOf } from '../outline/every-command.ts';
import type { CommandOutline } from '../outline/outline.ts';
import { pathSchemes, type ValueShape } from '../outline/value-shape.ts';
import { quote } from './quote.ts';

/** The completion of zsh, with what each thing does beside it. It may be sourced, or lie as `_seaworthy` in a folder of `$fpath`. */
export function renderZsh(program: CommandOutline): string {
  return `#compdef seaworthy
# zsh completion for seaworthy, made by "seaworthy completion zsh" from the program itself.
# source <(seaworthy completion zsh)

# A file, also behind a word that says what lies there.
_seaworthy_files() {
  compset -P '(${pathSchemes.join('|')}):'
  _files "$@"
}

# A format, FORMAT=FILE, or a file.
_seaworthy_words_or_file() {
  if compset -P '*='; then
    _files
  else
    compadd -- "$@"
    _files
  fi
}

_seaworthy_list() {
  compset -P '*,'
  compadd -S '' -- "$@"
}

${everyCommandOf(program).map(commandFunction).join('\n')}
# Read as a file of $fpath, this is the function itself.
if [[ \${funcstack[1]} == _seaworthy ]]; then
  _seaworthy "$@"
else
  compdef _seaworthy seaworthy
fi
`;
}

function functionName(path: readonly string[]): string {
  return ['_seaworthy', ...path].join('__');
}

function commandFunction({ path, commands, options, arguments: given }: CommandOutline): string {
  const specs = options.flatMap(optionSpecs);
  if (commands.length === 0) {
    const places = given.map(({ term, isVariadic, shape }, place) =>
      quote(`${isVariadic ? '*' : place + 1}:${plain(term)}:${action(shape)}`),
    );
    return `${functionName(path)}() {
  _arguments -s -S : \\
${[...specs, ...places].map((spec) => `    ${spec}`).join(' \\\n')}
}
`;
  }
  const named = commands.map((one) => quote(`${one.path.at(-1) ?? ''}:${one.description}`));
  return `${functionName(path)}() {
  local state line
  typeset -A opt_args
  _arguments -C -s -S : \\
${[...specs, "'1:command:->command'", "'*::argument:->rest'"].map((spec) => `    ${spec}`).join(' \\\n')} && return 0
  case $state in
  command)
    local -a commands=(
${named.map((one) => `      ${one}`).join('\n')}
    )
    _describe -t commands 'command' commands
    ;;
  rest)
    (( $+functions[${functionName(path)}__$words[1]] )) && ${functionName(path)}__$words[1]
    ;;
  esac
}
`;
}

function optionSpecs(option: CommandOutline['options'][number]): string[] {
  const value = option.shape === undefined ? '' : `:${plain(option.placeholder ?? '')}:${action(option.shape)}`;
  const isLong = (name: string): boolean => name.startsWith('--');
  // Any flag may be given again: many are lists, and of others the last one counts.
  return namesOf(option).map((name) => {
    const joined = option.shape === undefined ? '' : isLong(name) ? '=' : '+';
    return quote(`*${name}${joined}[${plain(option.description)}]${value}`);
  });
}

/** Colons part a spec, brackets enclose what a flag does. */
function plain(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, String.raw`\$&`);
}

function action(shape: ValueShape): string {
  if (shape.kind === 'other') return ' ';
  if (shape.kind === 'file') return '_seaworthy_files';
  if (shape.kind === 'folder') return '_files -/';
  const words = shape.words.map(plain).join(' ');
  if (shape.orFile) return ` _seaworthy_words_or_file ${words}`;
  return shape.isList ? ` _seaworthy_list ${words}` : `(${words})`;
}
